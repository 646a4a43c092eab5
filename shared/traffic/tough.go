package traffic

// addTough adds ordinary traffic that looks like attacks, and what is true of it.
func (p *plan) addTough(w *world) {
}
