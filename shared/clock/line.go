package clock

// point is a least sample of a while: at in ns since the Unix epoch, value in ns.
type point struct{ at, value int64 }

// line is value at the time at, and its slope in ns a ns.
type line struct {
	at, value int64
	slope     float64
}

// read returns the line's value at a time.
func (l line) read(at int64) int64 { return l.value + int64(l.slope*float64(at-l.at)) }

// above returns by how much p lies above the line.
func (l line) above(p point) int64 { return p.value - l.read(p.at) }

// maxSlope is the steepest line that is believed of a clock. Crystals are within 100 ppm; what is beyond this is no drift but a clock
// that is set, or traffic that is played at another speed.
const maxSlope = 500e-6

// lowerLine returns the line that no point lies below and that is closest to them in sum: it goes on the edge of the lower convex
// hull above which the mean of the times lies (Moon 1999, 4.2). Points are in the order of their times, at least one. steep tells that
// the line was steeper than [maxSlope].
func lowerLine(points []point, hull []point) (l line, steep bool) {
	hull = lowerHull(points, hull[:0])
	last := hull[len(hull)-1]
	if len(hull) == 1 {
		return line{last.at, last.value, 0}, false
	}
	mean := int64(0)
	for _, p := range points {
		mean += (p.at - points[0].at) / int64(len(points))
	}
	i := 1
	for i < len(hull)-1 && hull[i].at-points[0].at < mean {
		i++
	}
	a, b := hull[i-1], hull[i]
	slope := float64(b.value-a.value) / float64(b.at-a.at)
	if slope > maxSlope || slope < -maxSlope {
		// Without a slope that can be believed the newest point is the best that is known.
		return line{last.at, last.value, 0}, true
	}
	return line{b.at, b.value, slope}, false
}

// lowerHull appends to hull those points that bound the others from below (Andrew's monotone chain).
func lowerHull(points, hull []point) []point {
	for _, p := range points {
		for len(hull) >= 2 && !below(hull[len(hull)-2], hull[len(hull)-1], p) {
			hull = hull[:len(hull)-1]
		}
		if n := len(hull); n > 0 && hull[n-1].at == p.at {
			if hull[n-1].value <= p.value {
				continue
			}
			hull = hull[:n-1]
		}
		hull = append(hull, p)
	}
	return hull
}

// below tells whether b lies below the line from a to c.
func below(a, b, c point) bool {
	return float64(b.value-a.value)*float64(c.at-a.at) < float64(c.value-a.value)*float64(b.at-a.at)
}
