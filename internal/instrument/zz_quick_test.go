package instrument
import ("testing";"fmt";"time";"os")
func TestQuick(t *testing.T){
 for range 2 {
 t0:=time.Now()
 g := os.Getenv("QGOOS"); if g=="" {g="linux"}
 a := os.Getenv("QGOARCH"); if a=="" {a="amd64"}
 o, err := Write("/tmp/full1/cache", Toolchain{GOROOT:"/usr/local/go",Version:"go1.26.8",GOOS:g,GOARCH:a,GOMODCACHE:"/root/go/pkg/mod"}, nil)
 fmt.Println("OVERLAY", o.File, o.LeftOut, err, time.Since(t0))
 }
}
