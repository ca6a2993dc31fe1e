package auditgen

// The words that names are made of. Nothing writes to them.
var (
	first   = []string{"anna", "bela", "carlos", "dora", "emre", "fatima", "gyula", "hana", "ivan", "julia", "kenji", "lena", "maria"}
	last    = []string{"kovacs", "smith", "garcia", "nagy", "tanaka", "mueller", "novak", "silva", "khan", "jensen", "rossi"}
	teams   = []string{"payments", "ledger", "search", "mobile", "fraud", "risk", "billing", "orders", "catalog", "media", "infra", "data", "ml", "web", "auth", "mail", "edge", "report", "crm", "hr"}
	apps    = []string{"api", "worker", "frontend", "cache", "ingest", "gateway", "cron", "scheduler", "exporter", "proxy", "indexer"}
	agents  = []string{"kubectl/v1.31.2 (linux/amd64) kubernetes/5864a46", "kubectl/v1.30.6 (darwin/arm64) kubernetes/00f20d4", "Lens/2024.11 Chrome/126.0", "k9s/v0.32.5 (linux/amd64)", "Mozilla/5.0 (Rancher UI; \\\"dashboard\\\")"}
	reasons = map[int]string{401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 422: "Invalid", 500: "InternalError", 503: "ServiceUnavailable"}
	saGrp   = []string{"system:serviceaccounts", "system:authenticated"}
	nodeGrp = []string{"system:nodes", "system:authenticated"}
	humGrp  = []string{"corp:engineers", "system:authenticated"}
	admGrp  = []string{"corp:admins", "system:authenticated"}
	anonGrp = []string{"system:unauthenticated"}
)
