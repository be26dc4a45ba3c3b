// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"minga/storage"
)

// decodeRow reads a line into values of the types of their classes.
func decodeRow(columns []storage.Column, line []byte) ([]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var row []any
	if err := decoder.Decode(&row); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the row")
	}
	if len(row) != len(columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(row), len(columns))
	}
	for i, c := range columns {
		if row[i] == nil {
			continue
		}
		v, err := decodeValue(c.Class, row[i])
		if err != nil {
			return nil, fmt.Errorf("column %.80q: %w", c.Name, err)
		}
		row[i] = v
	}
	return row, nil
}

// decodeValue is what JSON says as a value of a class.
func decodeValue(class storage.Class, v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if class == storage.ClassNumber {
			return v.Int64()
		}
		if class == storage.ClassReal {
			return v.Float64()
		}
	case bool:
		if class == storage.ClassFlag {
			return v, nil
		}
	case string:
		if class == storage.ClassText {
			return v, nil
		}
		if class == storage.ClassBytes {
			return base64.StdEncoding.DecodeString(v)
		}
	}
	return nil, fmt.Errorf("a %T is no %.20q", v, class)
}
