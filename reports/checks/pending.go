package checks

import "logreeve/reports"

func chg02() reports.Check { return reports.Check{} }
func net01() reports.Check { return reports.Check{} }
func net02() reports.Check { return reports.Check{} }
func net03() reports.Check { return reports.Check{} }
func net06() reports.Check { return reports.Check{} }
