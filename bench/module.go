package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// fetch copies a module at a version, which the go command downloads unless it
// has it, to a directory that does not exist yet. There it can be written, as
// tests may want to and in the module cache may not.
func fetch(module, version, to string) error {
	cmd := exec.Command("go", "mod", "download", "-json", module+"@"+version)
	cmd.Dir = os.TempDir() // in no module
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.Output()
	var answer struct{ Dir, Error string }
	_ = json.Unmarshal(out, &answer) // what is not there stays empty
	switch {
	case answer.Error != "":
		return fmt.Errorf("downloading %s@%s: %s", module, version, answer.Error)
	case err != nil:
		return fmt.Errorf("downloading %s@%s: %w\n%s", module, version, err, told.String())
	}
	if err := os.CopyFS(to, os.DirFS(answer.Dir)); err != nil {
		return fmt.Errorf("copying %s@%s: %w", module, version, err)
	}
	return nil
}
