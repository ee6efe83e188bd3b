"""The ground floor: clock, errors, money, jobs, live updates; no business word."""
