package web

// evidenceRoutes are changes, evidence, verification, trail and find.
func evidenceRoutes() []Route { return nil }
