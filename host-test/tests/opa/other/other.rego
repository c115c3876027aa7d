# A policy as others write them, which uses transom's answers as documents.
package other

denied contains message if some message in data.transom.deny

rules contains violation.details.rule if some violation in data.transom.violation

intent := data.transom.decision.target.intent

owner := data.other.people.owner
