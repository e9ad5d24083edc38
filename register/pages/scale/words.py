"""Words of the field, in our own writing: what services do together, where, to what end and what is in the way.

A `Field` belongs to an area of work. Sites are made of the three lists at the end: none is meant to exist.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """What is done in an area of work: how often it is met, things, what people do, what comes of it."""

    weight: int
    things: tuple[str, ...]
    doing: tuple[str, ...]
    aims: tuple[str, ...]
    benefits: tuple[str, ...]
    milestones: tuple[str, ...]
    barriers: tuple[str, ...]


def _field(weight: int, **lists: str) -> Field:
    """Each list is written as one text, with semicolons between."""
    return Field(
        weight, **{name: tuple(part.strip() for part in text.split(";")) for name, text in lists.items()}
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIELDS = {
    "estates": _field(
        27,
        things="Shared station; Joint headquarters; Tri-service hub; Shared custody and stores site;"
        " Police desk in the fire station; Ambulance standby point; Joint neighbourhood base; Shared drill"
        " yard; One site for three services; Joint archive and evidence store; Community fire and police"
        " station; Shared boathouse",
        doing="share one building; run one site; move into one station; keep rooms for each other; sell"
        " one of two stations and share the other; plan their buildings together; heat and clean one"
        " building instead of two",
        aims="both spend less on running costs; officers are seen in the town again; crews meet before"
        " they are needed together; an old station need not be rebuilt; a plot in the town can be sold for"
        " homes",
        benefits="Lower running costs of buildings; Receipt from the sale of a station; Fewer repairs"
        " outstanding; Rent from a partner; Crews closer to where calls come from",
        milestones="Planning permission given; Lease signed; Builders on site; First crews move in; Old"
        " station sold; Snagging finished",
        barriers="The lease does not allow a second tenant; Planning permission is late; Valuations of"
        " the two sites differ; VAT is treated differently for each partner; The yard is too small for"
        " appliances and vans",
    ),
    "training": _field(
        14,
        things="Joint training centre; Shared driving school; Combined incident command course; Multi-"
        "agency exercise programme; Shared water rescue training; Joint trauma care course; Shared"
        " instructors' pool; JESIP refresher days; Joint public order and rescue ground; Shared e-learning"
        " library",
        doing="train in one place; pool their instructors; run one course for commanders; exercise"
        " together each quarter; accept each other's certificates; book each other's free places",
        aims="commanders know each other before the incident; fewer courses are cancelled; places are"
        " filled; crews speak the same words on the radio",
        benefits="Fewer cancelled courses; Lower cost of each place; More commanders in date; Income"
        " from places sold",
        milestones="Syllabus agreed; First joint course; Instructors accredited; Exercise debriefed;"
        " Second intake full",
        barriers="Shift patterns do not overlap; Each service certifies on its own; Instructors are paid"
        " on different terms; The booking systems do not talk to each other",
    ),
    "community-safety": _field(
        11,
        things="Joint community safety team; Shared neighbourhood patrol; Tri-service officer; Safe and"
        " well referral scheme; Anti-social behaviour panel; Arson reduction team; Night-time economy"
        " patrol; Village safety officer; Joint hoarding panel; Domestic abuse referral desk",
        doing="work from one list of households; send one officer for three services; patrol the centre"
        " together; refer people to each other the same day; hold one weekly meeting on repeat addresses",
        aims="people at risk are visited once and properly; small fires fall; neighbours know one name"
        " to call; nobody is passed from desk to desk",
        benefits="Fewer deliberate fires; Fewer repeat visits; More people referred in time; Hours freed"
        " on patrol",
        milestones="Information agreement signed; First officer in post; Hundredth visit; Evaluation"
        " published",
        barriers="Case systems keep separate lists; Powers differ between services; Funding ends with"
        " the financial year; Data protection advice is not settled",
    ),
    "fleet": _field(
        10,
        things="Shared vehicle workshop; Joint fleet management; Shared fuel bunkers; Common response"
        " car; Joint tyre and parts stores; Mobile mechanics' team; Shared charging points; Joint vehicle"
        " disposal; Shared telematics",
        doing="service their vehicles in one workshop; buy one model of car; fill up at each other's"
        " pumps; share mechanics on call; sell retired vehicles together",
        aims="each vehicle is off the road for less time; parts cost less; electric cars can charge"
        " anywhere in the county; no mechanic works a night alone",
        benefits="Fewer days off the road; Lower cost of parts; Less fuel bought at garages; Fewer"
        " vehicles in reserve",
        milestones="Workshop lease ended; First appliance serviced; Stock systems joined; Ramps"
        " commissioned",
        barriers="Insurance covers own drivers only; Mechanics' grades differ; Livery and lights follow"
        " other standards; Warranty needs the maker's own workshop",
    ),
    "procurement": _field(
        9,
        things="Joint uniform contract; Shared procurement team; Common framework for protective"
        " clothing; Joint stationery and cleaning contract; Joint purchase of defibrillators; Shared"
        " contract for drones; Combined utilities contract; Joint occupational health contract",
        doing="buy from one contract; run one purchasing team; test samples together; let one framework"
        " for the region",
        aims="prices fall with volume; one specification serves all; small services pay what large ones"
        " do; a tender is run once and not three times",
        benefits="Lower unit prices; Fewer tenders to run; Less stock held; Rebate from the framework",
        milestones="Specification agreed; Tender published; Contract awarded; First delivery; Contract"
        " review",
        barriers="Contracts end in different years; Standing orders differ; One supplier challenges the"
        " award; Sizes and standards are specified apart",
    ),
    "co-responding": _field(
        8,
        things="Firefighter co-responding scheme; Emergency medical responders; Falls response team;"
        " Cardiac arrest co-responding; Police defibrillator cars; Bariatric lifting help; Community first"
        " responder scheme; Joint response to concern for welfare",
        doing="send the nearest crew to a cardiac arrest; carry defibrillators in every car; lift people"
        " who have fallen; answer medical calls from the fire station",
        aims="help comes within eight minutes; ambulances are freed for the next call; people who fell"
        " do not lie for hours; more patients leave hospital alive",
        benefits="Shorter time to first help; More lives saved; Ambulance hours freed; Fewer long waits"
        " after falls",
        milestones="Crews trained in trauma care; First call answered; Trial extended; Clinical"
        " governance signed off",
        barriers="Terms of employment do not name medical response; Clinical oversight is not agreed;"
        " Union talks are open; Nobody pays for consumables",
    ),
    "prevention": _field(
        6,
        things="Safe and well visits; Young firefighters and cadets; Road safety roadshow; Water safety"
        " campaign; Joint schools programme; Dementia awareness scheme; Scam and fire safety visits;"
        " Winter warmth visits",
        doing="visit homes together; teach in schools together; run one campaign; share lists of people"
        " at risk",
        aims="fewer are killed on the roads; older people live safely at home; young people meet the"
        " services early",
        benefits="Fewer injuries; More visits for the same hours; Fewer accidental fires at home; More"
        " cadets",
        milestones="First school visited; Volunteers trained; Thousandth visit; Campaign evaluated",
        barriers="Outcomes come years later; Schools have no time; Lists may not be shared; Volunteers"
        " are vetted twice",
    ),
    "back-office": _field(
        5,
        things="Shared payroll; Joint finance team; Shared legal service; Joint human resources service;"
        " Shared communications team; Joint internal audit; Shared payments and pensions desk; One"
        " enterprise system",
        doing="run one payroll; share a finance director; keep one ledger; advise each other's boards",
        aims="fewer people do the same thing twice; leave and sickness no longer stop a payroll; advice"
        " costs less",
        benefits="Fewer posts; Lower licence fees; Quicker month end; Fewer errors in pay",
        milestones="Staff transferred; Ledger migrated; First joint payroll; Old system switched off",
        barriers="Pension schemes differ; Staff fear for their posts; Two systems are in contract; The"
        " business case rests on redundancies",
    ),
    "ict-and-data": _field(
        4,
        things="Shared data network; Joint radio replacement project; Multi-agency incident transfer;"
        " Shared risk information on premises; Common mapping service; Shared mobile working platform;"
        " Joint cyber team",
        doing="use one network; pass incidents between rooms by message; read each other's risk notes;"
        " host one mapping service",
        aims="a call is typed once; crews see hazards before they arrive; outages are mended by whoever"
        " is awake",
        benefits="Seconds saved in passing a call; Fewer outages; Lower line rental; Fewer mobilising"
        " errors",
        milestones="Interface tested; Data agreement signed; First live message; Cut-over finished",
        barriers="Suppliers charge for each interface; Security standards differ; Vetting of technicians"
        " is not mutual; Old radio contract runs on",
    ),
    "control-rooms": _field(
        2,
        things="Joint control room; Shared fallback control; Combined call handling; Police and fire"
        " dispatch on one floor; Shared supervisor role; Buddy control arrangement",
        doing="answer calls on one floor; take each other's calls at peaks; run one fallback room",
        aims="calls wait less; floods do not silence a room; nearest help goes whatever its colour",
        benefits="Shorter call waiting; Lower cost of a second site; Fewer calls lost at peaks",
        milestones="Floor plan agreed; Shadow running; First night together; Fallback tested",
        barriers="Mobilising systems differ; Shift lengths differ; Staff are vetted to other levels",
    ),
    "demand-management": _field(
        2,
        things="Gaining entry for medical calls; Frequent callers' panel; Missing people searches;"
        " Street triage car; Joint response to alarms; Concern for safety protocol",
        doing="force entry for ambulance crews; plan care for people who call often; search for missing"
        " people together",
        aims="officers do not wait beside doors; frequent callers get help that lasts; searches start"
        " within the hour",
        benefits="Officer hours freed; Fewer repeat calls; Quicker entry",
        milestones="Protocol signed; First entry by firefighters; Review of the first hundred calls",
        barriers="Who pays for broken doors is open; Callers' consent is needed; Recording differs",
    ),
    "specialist-operations": _field(
        2,
        things="Joint drone team; Shared dog section; Joint major crime unit; Rope and water rescue"
        " team; Joint fire investigation unit; Shared forensics laboratory; Marauding attack response team",
        doing="fly drones for each other; keep one kennels; investigate fires as one unit; share a"
        " laboratory",
        aims="a drone is up within twenty minutes anywhere; evidence is gathered once; rare skills stay"
        " in practice",
        benefits="Quicker searches; Lower overtime; More cases detected",
        milestones="Pilots licensed; Unit accredited; First joint deployment; Kennels moved",
        barriers="Accreditation is held apart; Airspace rules; Overtime terms differ",
    ),
    "workforce": _field(
        1,
        things="Joint volunteering scheme; Shared wellbeing service; Joint recruitment of on-call staff;"
        " Shared chaplaincy; Joint apprenticeships; Staff exchange scheme",
        doing="recruit together; share counsellors; exchange staff for half a year; release police staff"
        " as on-call firefighters",
        aims="on-call stations stay crewed; sickness falls; people stay in the county",
        benefits="More on-call cover; Fewer days of sickness; Lower cost of recruitment",
        milestones="Release agreement signed; First exchange; Counsellors appointed",
        barriers="Working time rules; Two employers, two sets of terms; Insurance while on call",
    ),
    "governance": _field(
        1,
        things="Strategic collaboration board; Joint police and fire executive; Local business case for"
        " a change of governance; Shared deputy chief; Joint scrutiny panel",
        doing="meet as one board; share a deputy chief; be held to account by one panel",
        aims="decisions wait for one meeting and not for four; one plan serves both; savings are"
        " followed to the end",
        benefits="Fewer boards to serve; Quicker decisions; Lower cost of governance",
        milestones="Terms of reference agreed; First board; Consultation closed; Annual report published",
        barriers="The authority voted against; Legislation allows one model only; Boundaries do not match",
    ),
}  # fmt: skip

OPENINGS = (
    "{thing} at {site}, {town}", "{thing}, {site} ({town})", "{site}: {thing_low} for {town}",
    "{town} {thing_low} at {site}", "{thing} for {town}, based at {site}", "{thing}: {site}, {area}",
)  # fmt: skip
SENTENCES = (
    "It serves {town} and {number} villages around it.", "{number} people of {services} take part.",
    "A steering group meets every {few} weeks.", "It grew out of a trial in {year}.",
    "The idea came from crews in {other}.", "Costs are split by floor space, and looked at again each spring.",
    "Costs are split {few} to one, by use.", "An agreement of {few} years runs from {year}.",
    "A joint manager answers to {services}.", "The council of {town} gave a grant towards it.",
    "About {number} calls a year are affected.", "Staff of {services} were consulted in {month} {year}.",
    "An evaluation by a university is to follow.", "{other} is looking at the same.",
    "It replaced an arrangement of {year} that had lapsed.", "Vans, rooms and radios are shared; rosters are not.",
    "{number} visitors came to see it in its first year.", "The work is done by {few} people at {site}.",
    "Residents were asked in {month} {year}, and {number} answered.", "It covers days and evenings, not nights.",
    "A business case was written in {month} {year}.", "Trade unions sit on the project board.",
    "Each partner keeps its own command.", "It is to be looked at again after {few} winters.",
)  # fmt: skip
NOTES = (
    "{milestone} this week at {site}; {few} points are still open.", "Staff at {site} asked for a later start.",
    "{number} people have been trained so far.", "No change since {month}: {barrier_low}.",
    "The board of {services} looked at it and asked for figures.", "Good weeks: {benefit_low}, by the first count.",
    "The manager at {site} has left; a new one starts in {month}.", "Invoices of {number} hundred pounds are disputed.",
    "The evaluation is late and due in {month}.", "Visited by colleagues from {other}, who may copy it.",
    "Costs rose by {few} %, within what was agreed.", "{services} signed the agreement for {site}.",
    "Radio cover at {site} was tested again and holds.", "The pilot goes on for another {few} months.",
)  # fmt: skip
REMEDIES = (
    "Agree a form of words with {services} and sign it.", "Ask the national body for a common standard.",
    "Bring it to the board in {month}.", "Wait for the contract to end in {year}.",
    "A change of regulations would settle it.", "Let one partner act for all.", "",
)  # fmt: skip
ENDINGS = {
    "objectives_met": "It did what it was set up for and closed as planned.",
    "superseded": "A regional arrangement took its place.",
    "funding_ended": "The grant was for two years and was not renewed.",
    "partner_withdrew": "One partner withdrew after its budget was cut.",
    "no_business_case": "The savings did not cover the cost of the move.",
    "legal_or_governance": "Advice was that the powers do not stretch so far.",
    "public_consent": "Residents and staff did not support it.",
    "priorities_changed": "Other work came first and nobody was free for it.",
    "not_stated": "The papers do not say why.",
}
POSTS = (
    "Head of estates", "Collaboration manager", "Assistant chief officer", "Head of fleet", "Area manager",
    "Superintendent, partnerships", "Programme director", "Head of finance", "Locality manager", "Group manager",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "September", "October", "November",
)  # fmt: skip

# A site is a name of two parts and a kind: Ashgate Lane, Millford Park. Words are chosen so that no two stem alike.
FIRST = _words(
    "Ald Amber Ash Barn Beck Birch Black Brad Bram Brier Broad Buck Calder Camel Chat Clar Clay Copp Cray"
    " Crow Dale Deep Dun East Elm Fair Fal Fen Fern Fox Gar Glen Gold Green Grims Had Hal Ham Harp Hart"
    " Hazel Heath Hol Hum Inch Kel Kings Kirk Lam Lang Lax Lead Lin Long Mal Maple Mar Mel Mill Mor Nether"
    " New Nor Oak Old Orm Otter Over Pad Park Pem Pool Quarry Rad Raven Red Rip Rook Row Sal Sand Sel Shaw"
    " Shel Silver Skel Snow South Stan Stone Stour Strat Sut Swan Tam Thorn Til Under Up Wake Wal War"
    " Welling West Whit Wil Win Wood Wool Wren Wyke Yar"
)
SECOND = _words(
    "acre bank beck borough bourne bridge brook burn cliff combe cote croft cross dale dean den down end"
    " field ford gate grove hall ham haven head hill holm holt hurst land lea leigh ley marsh mere minster"
    " mouth ness over pool port shaw side stead stock stoke thorpe ton tree wade wall water well wick wood"
    " worth yard"
)
KINDS = _words(
    "Road Lane Park Street House Yard Green Way Court Square Row Mews Drive Close Avenue Terrace Wharf"
    " Mill Farm Cross"
)
