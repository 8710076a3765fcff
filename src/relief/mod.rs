//! Relief: programs, their drivers and caseloads.
