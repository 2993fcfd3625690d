package instrument

import (
	"bytes"
	"go/build/constraint"
	"strings"
)

// holds reports whether a build tag is one that holds in the transplanted
// engine: the first holds nowhere else, the second says that there is no
// assembly. The assembler, unlike the compiler, changes to the directory of the
// package, and those of the transplant do not exist.
func holds(tag string) bool { return tag == "leakcheck_attached" || tag == "leakcheck_noasm" }

// attach decides these tags: it returns the text of a source file with the
// constraint that is left, and false if the file is not for the transplant.
// Lines keep their numbers.
func attach(text []byte) ([]byte, bool) {
	for line := range bytes.Lines(text) {
		trimmed := strings.TrimSpace(string(line))
		if trimmed != "" && !strings.HasPrefix(trimmed, "//") {
			return text, true
		}
		if !constraint.IsGoBuild(trimmed) {
			continue
		}
		expr, err := constraint.Parse(trimmed)
		if err != nil {
			return text, true // the compiler will say so
		}
		left, decided, value := decide(expr)
		if decided && !value {
			return nil, false
		}
		replacement := "//\n"
		if !decided {
			replacement = "//go:build " + left.String() + "\n"
		}
		return bytes.Replace(text, line, []byte(replacement), 1), true
	}
	return text, true
}

// decide simplifies a constraint: to another one, or to a value.
func decide(expr constraint.Expr) (left constraint.Expr, decided, value bool) {
	switch e := expr.(type) {
	case *constraint.TagExpr:
		return e, holds(e.Tag), true
	case *constraint.NotExpr:
		x, decided, value := decide(e.X)
		return &constraint.NotExpr{X: x}, decided, !value
	case *constraint.AndExpr:
		return join(e.X, e.Y, false, func(x, y constraint.Expr) constraint.Expr { return &constraint.AndExpr{X: x, Y: y} })
	case *constraint.OrExpr:
		return join(e.X, e.Y, true, func(x, y constraint.Expr) constraint.Expr { return &constraint.OrExpr{X: x, Y: y} })
	}
	return expr, false, false
}

// join simplifies x and y joined by an operator for which one operand of the
// value dominant decides.
func join(x, y constraint.Expr, dominant bool, operator func(x, y constraint.Expr) constraint.Expr) (left constraint.Expr, decided, value bool) {
	x, xDecided, xValue := decide(x)
	y, yDecided, yValue := decide(y)
	switch {
	case xDecided && xValue == dominant, yDecided && yValue == dominant:
		return nil, true, dominant
	case xDecided && yDecided:
		return nil, true, !dominant
	case xDecided:
		return y, false, false
	case yDecided:
		return x, false, false
	}
	return operator(x, y), false, false
}
