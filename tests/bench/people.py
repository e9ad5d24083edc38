"""Who asks: people with different roles, made once in each database."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import QuerySet

from register.accounts.models import User, WorkingGroup
from register.accounts.roles import Role
from register.accounts.services import add_person, add_working_group, grant_role
from register.core.tracking import origin
from register.groups.services import set_remit
from register.reference.models import AreaOfWork, Organisation, PoliceArea

DOMAIN = "bench.example"
NUMBER = 28  # one for each run, those that warm up included
GROUP, LOCAL = "national", "local"


def roster() -> list[User]:
    """Readers, contributors of two organisations, leads, members of the national group, auditors."""
    return [make_person(f"reader-{n}", _roles(n)) for n in range(NUMBER)]


def members() -> list[User]:
    """Members of the national group, whose dashboards they read; most of them contribute somewhere."""
    group = WorkingGroup.objects.get(code=GROUP)
    return [
        make_person(f"member-{n}", [(Role.GROUP_MEMBER, None, group), *(_roles(n) if n % 3 else [])])
        for n in range(NUMBER)
    ]


def local_group() -> tuple[WorkingGroup, PoliceArea, AreaOfWork]:
    """A group whose remit is one area of work in one police area: those that hold nearest to a hundredth."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.police_area_id, a.area_of_work_id FROM register_initiativeplace p"
            " JOIN register_initiativearea a USING (initiative_id) GROUP BY 1, 2"
            " ORDER BY abs(count(*) - (SELECT count(*) / 100 FROM register_initiative)), 1, 2 LIMIT 1"
        )
        place_pk, area_pk = cursor.fetchall()[0]
    place, area = PoliceArea.objects.get(pk=place_pk), AreaOfWork.objects.get(pk=area_pk)
    group = WorkingGroup.objects.filter(code=LOCAL).first()
    with origin("test"):
        group = group or add_working_group(by=None, code=LOCAL, name="Local group", kind="local")
        parameters = {"place": [place.slug], "area": [area.code]}
        set_remit(by=None, group=group, name="Here", parameters=parameters)
    return group, place, area


def local_members() -> list[User]:
    group, *_ = local_group()
    return [
        make_person(f"local-{n}", [(Role.GROUP_MEMBER, None, group), *(_roles(n) if n % 3 else [])])
        for n in range(NUMBER)
    ]


def _roles(n: int) -> list[tuple[Role, Organisation | None, WorkingGroup | None]]:
    forces, fire = bodies("police"), bodies("fire")
    match n % 7:
        case 0:
            return [(Role.READER, None, None)]
        case 1 | 2 | 3:
            return [(Role.CONTRIBUTOR, forces[n], None), (Role.CONTRIBUTOR, fire[n], None)]
        case 4:
            return [(Role.ORGANISATION_LEAD, fire[n + 3], None)]
        case 5:
            return [
                (Role.CONTRIBUTOR, forces[n], None),
                (Role.GROUP_MEMBER, None, WorkingGroup.objects.get(code=GROUP)),
            ]
        case _:
            return [(Role.AUDITOR, None, None)]


def bodies(kind: str) -> QuerySet[Organisation]:
    """Those of today, in an order that stays."""
    found = Organisation.objects.filter(ends_on=None, is_fictional=False, areas__isnull=False, kind=kind)
    return found.distinct().order_by("code")


def make_person(name: str, roles: list[tuple[Role, Organisation | None, WorkingGroup | None]]) -> User:
    email = f"{name}@{DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        with origin("test"):
            user = add_person(by=None, email=email, name=name.replace("-", " ").capitalize())
            for role, organisation, group in roles:
                grant_role(by=None, user=user, role=role, organisation=organisation, group=group)
    # Some roles let nobody on without one.
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {}})
    return User.objects.get(pk=user.pk)
