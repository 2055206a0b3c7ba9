package github

// truncate returns at most that many characters of a text, as GitHub counts them; if the text is
// longer, the result ends in an ellipsis.
func truncate(text string, most int) string {
	characters := []rune(text)
	if len(characters) <= most {
		return text
	}
	return string(characters[:most-1]) + "…"
}
