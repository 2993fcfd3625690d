//go:build leakcheck

package suite

import (
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }
