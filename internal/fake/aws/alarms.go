package aws

import "pr-stack/internal/fake/aws/cloudwatch"

// Alarm is an alarm of CloudWatch.
type Alarm = cloudwatch.Alarm

// AddAlarm adds an alarm of CloudWatch, or replaces the one of its name.
func (a *AWS) AddAlarm(alarm Alarm) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	a.metrics.AddAlarm(alarm)
}

// SetAlarm sets the state of an alarm: OK, ALARM or INSUFFICIENT_DATA. Without such an alarm it adds one.
func (a *AWS) SetAlarm(name, state string) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	a.metrics.SetAlarm(name, state)
}
