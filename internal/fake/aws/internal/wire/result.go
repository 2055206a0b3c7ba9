package wire

import (
	"encoding/xml"
	"strconv"
	"time"
)

// Timestamp is a time as the query protocol writes it, to the millisecond. The zero time is left out.
type Timestamp time.Time

// MarshalXML writes the time.
func (t Timestamp) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if time.Time(t).IsZero() {
		return nil
	}
	return e.EncodeElement(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z"), start)
}

// EpochSeconds is a time as JSON 1.1 writes it, to the millisecond. Use a pointer with omitempty
// for an optional one.
type EpochSeconds time.Time

// MarshalJSON writes the time.
func (t EpochSeconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', 3, 64), nil
}

// Page returns the part of a listing that token asks for, of at most size entries, and the token of
// the next part, "" after the last.
func Page[T any](all []T, token string, size int) (part []T, next string) {
	start, _ := strconv.Atoi(token)
	start = min(max(start, 0), len(all))
	end := min(start+size, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return all[start:end], next
}

// WithToken adds the token of the next page to an answer, if there is one.
func WithToken(answer map[string]any, next string) map[string]any {
	if next != "" {
		answer["nextToken"] = next
	}
	return answer
}
