package main_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sqlText is a whole statement; sqlPart a piece that can only be one of a
// statement, in the upper case in which the house writes it.
var (
	sqlText = regexp.MustCompile(`(?s)^\s*(SELECT\s.*|INSERT\s+INTO\s.*|DELETE\s+FROM\s.*|UPDATE\s+\w+\s+SET\s.*|WITH\s+\w+\s.*AS\s*\(.*)$`)
	sqlPart = regexp.MustCompile(`\b(SELECT|INSERT INTO|DELETE FROM|WHERE|ORDER BY|GROUP BY|LIMIT|VALUES|JOIN|HAVING|SET)\s|^\s*(AND|OR)\s+\w+|\sSET\s`)
)

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
	return inspect(f, func(n ast.Node) string {
		switch n := n.(type) {
		case *ast.CallExpr:
			return formattedSQL(f, n)
		case *ast.BinaryExpr:
			return joinedSQL(f, n)
		}
		return ""
	})
}

// formattedSQL reports fmt.Sprintf and kin over SQL that takes values.
func formattedSQL(f *sourceFile, call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || packageName(f, sel) != "fmt" || sel.Sel.Name == "Errorf" {
		return ""
	}
	for _, arg := range call.Args {
		if text, ok := literal(arg); ok && (sqlText.MatchString(text) || sqlPart.MatchString(text)) && strings.Contains(text, "%") {
			return "SQL by fmt." + sel.Sel.Name
		}
	}
	return ""
}

// joinedSQL reports + between SQL and a value.
func joinedSQL(f *sourceFile, e *ast.BinaryExpr) string {
	if e.Op != token.ADD {
		return ""
	}
	sql, value := false, false
	for _, part := range summands(e) {
		text, isText := literal(part)
		sql = sql || isText && (sqlText.MatchString(text) || sqlPart.MatchString(text))
		value = value || !isText && !isConstant(f, part)
	}
	if sql && value {
		return "SQL joined with a value"
	}
	return ""
}

// summands takes a + b + c apart.
func summands(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return append(summands(b.X), summands(b.Y)...)
	}
	return []ast.Expr{e}
}

// isConstant tells whether an expression can hold nothing from outside: a
// constant of the package, a literal, or a method of the dialect, whose answers
// are constants.
func isConstant(f *sourceFile, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return f.consts[e.Name] && (e.Obj == nil || e.Obj.Kind == ast.Con)
	case *ast.ParenExpr:
		return isConstant(f, e.X)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return ok && lastName(sel.X) == "dialect" && !slices.ContainsFunc(e.Args, func(a ast.Expr) bool { return !isConstant(f, a) })
	}
	return false
}
