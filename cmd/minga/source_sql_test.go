// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
)

// sqlText is a whole statement; sqlPart a piece that can only be one of a
// statement, in the upper case in which the house writes it.
var (
	sqlText = regexp.MustCompile(`(?s)^\s*(SELECT\s.*|INSERT\s+INTO\s.*|DELETE\s+FROM\s.*|UPDATE\s+\w+\s+SET\s.*|WITH\s+\w+\s.*AS\s*\(.*)$`)
	sqlPart = regexp.MustCompile(`\b(SELECT|INSERT INTO|DELETE FROM|WHERE|ORDER BY|GROUP BY|LIMIT|VALUES|JOIN|HAVING|SET)\s|^\s*(AND|OR)\s+\w+|\sSET\s`)
)

// tagText is a command's tag as a server reports it, "SELECT 3": no statement.
var tagText = regexp.MustCompile(`^[A-Z]+ (0 )?%d$`)

// literal is the text of a string literal.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// findSQL reports statements as literals.
func findSQL(f *sourceFile) []finding {
	return inspect(f, func(n ast.Node) string {
		e, ok := n.(ast.Expr)
		if !ok {
			return ""
		}
		if text, ok := literal(e); ok && sqlText.MatchString(text) {
			return "an SQL statement"
		}
		return ""
	})
}

// findBuiltSQL reports SQL that is formatted, or joined with something that is
// no constant.
func findBuiltSQL(f *sourceFile) []finding {
	texts := newTexts(f)
	found := inspect(f, func(n ast.Node) string {
		switch n := n.(type) {
		case *ast.CallExpr:
			return formattedSQL(f, texts, n)
		case *ast.BinaryExpr:
			return joinedSQL(f, texts, n)
		}
		return ""
	})
	// a + b + c is three expressions on one line.
	return slices.CompactFunc(found, func(a, b finding) bool { return f.line(a.pos) == f.line(b.pos) })
}

// isSQL tells whether an expression is a literal of SQL.
func isSQL(e ast.Expr) bool {
	text, ok := literal(e)
	return ok && !tagText.MatchString(text) && (sqlText.MatchString(text) || sqlPart.MatchString(text))
}

// formattedSQL reports fmt.Sprintf and kin over SQL that takes values.
func formattedSQL(f *sourceFile, texts *texts, call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || packageName(f, sel) != "fmt" || sel.Sel.Name == "Errorf" {
		return ""
	}
	at := slices.IndexFunc(call.Args, isSQL)
	if at < 0 || texts.isFixedFormat(f, call.Args[at:]) {
		return ""
	}
	return "SQL by fmt." + sel.Sel.Name + texts.whence()
}

// joinedSQL reports + between SQL and a value.
func joinedSQL(f *sourceFile, texts *texts, e *ast.BinaryExpr) string {
	if e.Op != token.ADD {
		return ""
	}
	parts := summands(e)
	if !slices.ContainsFunc(parts, isSQL) {
		return ""
	}
	for _, part := range parts {
		if !texts.isFixed(f, part) {
			return "SQL joined with " + f.text(part) + texts.whence()
		}
	}
	return ""
}

// whence says where the value came from that was found last, and forgets it.
func (t *texts) whence() string {
	from := t.blame
	t.blame = ""
	return " from " + from
}

// summands takes a + b + c apart.
func summands(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return append(summands(b.X), summands(b.Y)...)
	}
	return []ast.Expr{e}
}
