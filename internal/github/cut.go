package github

// cut returns at most so many characters of a text, as GitHub counts them, and shows that there were more.
func cut(text string, most int) string {
	characters := []rune(text)
	if len(characters) <= most {
		return text
	}
	return string(characters[:most-1]) + "…"
}
