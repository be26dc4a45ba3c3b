// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

// termTable is every extension term that we write, in the order in which the
// context lists them. A line "@ prefix namespace" opens a namespace; a line
//
//	name [as=other] [id] [time] [multibase] [string] [set] [list] [language] [actor] [post]
//
// defines one term: as is its name in the namespace if that differs, id, time,
// multibase and string are its @type, set, list and language its @container;
// actor and post keep it to one kind of document, since PropertyValue and value
// are historically http://schema.org# on actors and http://schema.org/ elsewhere.
//
// A new term needs its meaning in the docs too.
const termTable = `
@ as https://www.w3.org/ns/activitystreams#
manuallyApprovesFollowers
movedTo id
Hashtag
sensitive
@ toot http://joinmastodon.org/ns#
discoverable
indexable
memorial
suspended
featured id
featuredTags id
attributionDomains set
Emoji
blurhash
focalPoint list
votersCount
@ gts https://gotosocial.org/ns#
interactionPolicy id
canQuote id
automaticApproval id set
manualApproval id set
interactingObject id
interactionTarget id
@ fep044f https://w3id.org/fep/044f#
QuoteRequest
QuoteAuthorization
quote id
quoteAuthorization id
@ fep844e https://w3id.org/fep/844e/
implements id list
@ wf https://purl.archive.org/socialweb/webfinger#
webfinger
@ fep171b https://w3id.org/fep/171b/
contextHistory id
@ vf https://w3id.org/valueflows/ont/vf#
Proposal
Intent
Agreement
Commitment
Plan
Process
action
purpose
unitBased
hasBeginning
hasEnd
publishes id
reciprocal id
resourceConformsTo id
resourceQuantity id
availableQuantity id
minimumQuantity id
effortQuantity id
stipulates id
stipulatesReciprocal id
satisfies id
provider id
receiver id
planIncludes id
hasInput id
@ om2 http://www.ontology-of-units-of-measure.org/resource/om-2/
hasUnit
hasNumericalValue
@ schema http://schema.org#
PropertyValue actor
value actor
@ sdo http://schema.org/
titleMap as=title language
descriptionMap as=description language
responsibilitiesMap as=responsibilities language
qualificationsMap as=qualifications language
JobPosting
MonetaryAmount
QuantitativeValue
Country
DefinedTerm
Occupation
ContactPoint
CreativeWorkSeries
PostalAddress
AdministrativeArea
PropertyValue post
value post
title
description
responsibilities
qualifications
datePosted
employmentType set
jobLocationType
jobLocation id set
jobStartDate
jobImmediateStart
jobDuration
jobBenefits
incentiveCompensation
educationRequirements
experienceRequirements
experienceInPlaceOfEducation
eligibilityToWorkRequirement
physicalRequirement
industry
employmentUnit
currency
minValue
maxValue
unitText
workHours
totalJobOpenings
email
directApply
hiringOrganization id
applicantLocationRequirements id set
baseSalary id
relevantOccupation id
identifier id
applicationContact id
skills id set
validThrough time
inLanguage
version
position
citation id set
isPartOf id
translationOfWork id
workTranslation id set
license id
about id set
contributor id set
foundingDate
memberOf id set
address id
streetAddress
addressLocality
addressRegion
addressCountry
postalCode
serviceType
availableLanguage set
areaServed id set
@ minga https://w3id.org/minga/ns#
members id
jobs id
knowledge id
requests id
decisions id
services id
capacity id
boards id set
coopType id
membershipBase id
activity id set
memberCount
workerCount
dayRate id
leadTime
contractTypes set
evidence id set
job id
status
engagement
membershipTrack
probation
memberShare id
instalments
surplusSharing
payModel
payRatio
gross
decisionMethod
openToNew
hoursFrom
hoursTo
officeDays
languages id set
languageTag
level
required
timeOverlap id
tz
from
until
hiringSteps list
answerWithin
applyBy id
repostOf id
history id
translatedVersion
checkedOn
checkedBy id
usedOn
Edit
article id
baseVersion
Membership
member id
organization id
role
decision id
request id
Request
slots id set
budget id
transparency set
respondBy time
replaces id
pool id
Pool
threshold id
pledged id
tiers id set
atQuantity
unitPrice id
named
timeOffer id
TimeOffer
TimeCredit
Alliance
parties id set
creditLimit id
terms
LedgerEntry
alliance id
agreement id
payer id
payee id
sequence
previous
hash
corrects id
sale id
OrderWindow
opens time
closes time
pickup
catalog id
producers id set
Decision
electorate id
ballotUnit
quorum
stage
ballot id
Ballot
option
reason
service id
TerritorialService
forWhom
hours
accessRule
freePlaces
waitingDays
confirmedOn time
Referral
urgency
reference
@ sec https://w3id.org/security#
assertionMethod id set
Multikey
controller id
publicKeyMultibase multibase
digestMultibase multibase
`
