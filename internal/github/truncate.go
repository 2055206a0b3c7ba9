package github

// truncate returns at most that many characters of a text, as GitHub counts them, and shows that
// there were more.
func truncate(text string, most int) string {
	characters := []rune(text)
	if len(characters) <= most {
		return text
	}
	return string(characters[:most-1]) + "…"
}
