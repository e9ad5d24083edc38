"""The names of organisations as the sources state them, and whom each means, written down apart from the tables."""

_TEXT = """
AACE: association-of-ambulance-chief-executives
APCC: association-of-police-and-crime-commissioners
Bedfordshire Fire & Rescue Service: bedfordshire-fire
Bedfordshire Police: bedfordshire-police
CFOA: chief-fire-officers-association
Cambridgeshire Constabulary: cambridgeshire-police
Cheshire Constabulary: cheshire-police
Cheshire Fire Authority: cheshire-fire
Cheshire Fire Authority (from Apr 2018): cheshire-fire
Cheshire PCC: cheshire-policing-body
Civil Nuclear Constabulary: civil-nuclear-constabulary
Cleveland Police: cleveland-police
College of Policing: college-of-policing
Cornwall Council: cornwall-council
Cornwall Fire & Rescue Service: cornwall-fire
DCLG: ministry-of-housing-communities-and-local-government
DH: department-of-health-and-social-care
Derbyshire Constabulary: derbyshire-police
Derbyshire Fire & Rescue Authority: derbyshire-fire
Derbyshire Fire & Rescue Service: derbyshire-fire
Derbyshire PCC: derbyshire-policing-body
Derbyshire, Leicestershire, Lincolnshire, Northamptonshire and Nottinghamshire Police: derbyshire-police \
leicestershire-police lincolnshire-police northamptonshire-police nottinghamshire-police
Devon & Cornwall Police: devon-and-cornwall-police
Durham Constabulary: durham-police
Dyfed-Powys Police: dyfed-powys-police
East Midlands Ambulance Service: emas-ambulance
East Riding of Yorkshire Council: east-riding-of-yorkshire-council
East of England Ambulance Service: eeast-ambulance
Essex County Fire & Rescue Service: essex-fire
Essex PFCC: essex-policing-body
Essex Police: essex-police
Essex Police (temporary DCC lead): essex-police
Gwent Police: gwent-police
HM Courts & Tribunals Service: hm-courts-and-tribunals-service
Hampshire Constabulary: hampshire-police
Hampshire County Council: hampshire-council
Hampshire Fire & Rescue Service: hampshire-and-isle-of-wight-fire
Hereford & Worcester Fire & Rescue Service: hereford-and-worcester-fire
Hertfordshire Constabulary: hertfordshire-police
Hertfordshire County Council: hertfordshire-council
Hertfordshire County Council (fire and rescue, trading standards, drug and alcohol team, children's services): \
hertfordshire-council hertfordshire-fire
Hertfordshire Fire & Rescue Service: hertfordshire-fire
Hertfordshire PCC: hertfordshire-policing-body
Home Office: home-office
Humberside Fire & Rescue Service: humberside-fire
Humberside Fire Authority: humberside-fire
Humberside PCC: humberside-policing-body
Humberside Police: humberside-police
Kent Fire & Rescue Service: kent-fire
Kent Police: kent-police
LGA: local-government-association
Lincolnshire County Council: lincolnshire-council
Lincolnshire County Council (Fire & Rescue): lincolnshire-council lincolnshire-fire
Lincolnshire Fire & Rescue: lincolnshire-fire
Lincolnshire Police: lincolnshire-police
Merseyside Fire & Rescue Authority: merseyside-fire
Merseyside Fire & Rescue Service: merseyside-fire
Merseyside Police: merseyside-police
Mid and West Wales Fire & Rescue Service: mid-and-west-wales-fire
NPCC/ACPO: national-police-chiefs-council association-of-chief-police-officers
Norfolk Constabulary: norfolk-police
North Lincolnshire Council: north-lincolnshire-council
North West Ambulance Service (planning team): nwas-ambulance
North Yorkshire Fire & Rescue Service: north-yorkshire-fire
North Yorkshire PFCC: north-yorkshire-pfcc
North Yorkshire Police: north-yorkshire-police
Northamptonshire County Council (Fire & Rescue): northamptonshire-county-council northamptonshire-fire
Northamptonshire Fire & Rescue Service: northamptonshire-fire
Northamptonshire PCC: northamptonshire-policing-body
Northamptonshire Police: northamptonshire-police
Northumbria Police: northumbria-police
Nottinghamshire Fire & Rescue Service: nottinghamshire-and-city-of-nottingham-fire
Nottinghamshire Police: nottinghamshire-police
One Public Estate: one-public-estate
Royal Berkshire Fire & Rescue Service: royal-berkshire-fire
Royal Berkshire Fire Authority: royal-berkshire-fire
Royal Berkshire, Oxfordshire and Buckinghamshire Fire & Rescue Services: royal-berkshire-fire oxfordshire-fire \
buckinghamshire-and-milton-keynes-fire
Shropshire Fire & Rescue Service: shropshire-fire
South Central Ambulance Service: scas-ambulance
South East Coast Ambulance Service: secamb-ambulance
South Wales Fire & Rescue Service: south-wales-fire
South Wales Police: south-wales-police
South Western Ambulance Service: swasft-ambulance
South Yorkshire Fire & Rescue: south-yorkshire-fire
South Yorkshire Police: south-yorkshire-police
South Yorkshire, West Yorkshire, North Yorkshire and Humberside Police: south-yorkshire-police \
west-yorkshire-police north-yorkshire-police humberside-police
Staffordshire PCC: staffordshire-policing-body
Staffordshire Police: staffordshire-police
Stoke-on-Trent and Staffordshire Fire & Rescue Authority: stoke-on-trent-and-staffordshire-fire
Suffolk Constabulary: suffolk-police
Suffolk County Council: suffolk-council
Suffolk County Council (Fire & Rescue): suffolk-council suffolk-fire
Suffolk Fire & Rescue Service: suffolk-fire
Suffolk PCC: suffolk-policing-body
Surrey Fire & Rescue Service: surrey-fire
Surrey Police: surrey-police
Surrey, East Sussex and West Sussex Fire & Rescue Services: surrey-fire east-sussex-fire west-sussex-fire
Sussex Police: sussex-police
Thames Valley Police: thames-valley-police
Warwickshire Police: warwickshire-police
Welsh Ambulance Service: wast-ambulance
Welsh Government: welsh-government
West Mercia Police: west-mercia-police
West Sussex Fire & Rescue Service: west-sussex-fire
West Yorkshire Police: west-yorkshire-police
links with probation:
possible East of England Ambulance drop-in: eeast-ambulance
"""

MEANS: dict[str, frozenset[str]] = {
    name: frozenset(codes.split())
    for name, _, codes in (line.partition(":") for line in _TEXT.strip().splitlines())
}
FUNDERS = (
    "DCLG",
    "DH",
    "Home Office",
    "One Public Estate",
    "Royal Berkshire Fire Authority",
    "Welsh Government",
)
