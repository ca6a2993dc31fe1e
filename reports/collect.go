package reports

type collector struct{}
