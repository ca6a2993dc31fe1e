package web

// reviewRoutes are home, reviews and findings.
func reviewRoutes() []Route { return nil }
