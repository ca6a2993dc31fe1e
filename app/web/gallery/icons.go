package gallery

// Icons gives the names of the symbols of static/img/icons.svg; a test holds the
// two together.
func Icons() []string {
	return []string{
		"home", "reviews", "results", "changes", "findings", "evidence", "checks", "people", "person", "sources",
		"trail", "settings", "find", "check", "cross", "eye", "inconclusive", "dash", "warn", "clock",
		"lock", "plus", "tilde", "minus", "right", "left", "down", "up", "next", "previous",
		"out", "external", "download", "upload", "copy", "seal", "calendar", "filter", "key", "shield",
		"mail", "ticket", "note", "undo", "question", "info", "host", "cluster", "refresh", "play",
		"stop", "file", "folder", "globe", "silent", "escalate", "nothing", "more",
	}
}
