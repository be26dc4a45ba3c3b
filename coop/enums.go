// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "slices"

// The closed enumerations of jobs, each in the order in
// which forms show them. Every call gives a list of its own.

// JobStatuses are the states that cross the wire.
func JobStatuses() []JobStatus {
	return []JobStatus{JobOpen, JobPaused, JobFilled, JobWithdrawn, JobClosed, JobExpired}
}

// Engagements are the relations that a job offers.
func Engagements() []string {
	return []string{"membership", "employment", "freelance", "inter-coop", "volunteer", "internship", "apprenticeship", "board"}
}

// MembershipTracks say whether the work leads to membership.
func MembershipTracks() []string {
	return []string{"required", "expected", "possible", "none", "co-ops-only"}
}

// EmploymentTypes are schema.org's words.
func EmploymentTypes() []string {
	return []string{"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}
}

// PayUnits are the units of time for which pay is said.
func PayUnits() []string { return []string{"HOUR", "DAY", "WEEK", "MONTH", "YEAR"} }

// DecisionMethods are the ways in which members are admitted.
func DecisionMethods() []string {
	return []string{"consent", "consensus", "majority", "two-thirds", "advice"}
}

// SurplusSharings are the ways in which a surplus is shared.
func SurplusSharings() []string {
	return []string{"by-hours", "equal", "by-pay", "indivisible", "none"}
}

// PayModels are the ways in which pay is set.
func PayModels() []string {
	return []string{"equal", "banded", "self-set", "needs-based", "market", "day-rate", "revenue-share"}
}

// LanguageLevels are those of the CEFR.
func LanguageLevels() []string { return []string{"A1", "A2", "B1", "B2", "C1", "C2"} }

// MembershipRoles are what a member can be in its federation.
func MembershipRoles() []MembershipRole {
	return []MembershipRole{RoleFull, RolePreCoop, RoleObserver}
}

// Visibilities are the audiences.
func Visibilities() []Visibility {
	return []Visibility{VisiblePublic, VisibleUnlisted, VisibleFollowers, VisibleDirect, VisibleMembers, VisibleLocal}
}

// in tells whether a list has a value.
func in[T comparable](list []T, value T) bool { return slices.Contains(list, value) }
