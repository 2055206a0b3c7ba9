package poll

type Reporter struct{ Logf func(format string, args ...any) }

func (r *Reporter) Waiting(format string, args ...any) {}
