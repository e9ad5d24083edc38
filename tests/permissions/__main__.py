"""`python -m tests.permissions`: write docs/permissions.md anew from the table."""

from tests.permissions.writing import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
