// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"fmt"
	"go/ast"
	"go/token"
)

// isFixedField judges a field by all that the package puts into it; without the
// name of its type, into all fields of its name. A field that others can fill, or
// that nobody fills, holds values.
func (t *texts) isFixedField(typ, name string) bool {
	if ast.IsExported(name) {
		return false
	}
	return t.once("field "+typ+"."+name, func() bool {
		filled, fixed := false, true
		for _, f := range t.pkg {
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				for _, e := range t.fills(n, typ, name) {
					filled = true
					fixed = fixed && t.isFixed(f, e)
				}
				return fixed
			})
		}
		return filled && fixed
	})
}

// typeOf names the type of a variable where its declaration says it: a parameter's,
// a literal's, an element's of what is ranged over. Pointers and slices are their
// element. Empty where it is not plain to see.
func typeOf(e ast.Expr) string {
	if lit, ok := e.(*ast.CompositeLit); ok {
		return elementOf(lit.Type)
	}
	id, ok := e.(*ast.Ident)
	if !ok || id.Obj == nil {
		return ""
	}
	switch decl := id.Obj.Decl.(type) {
	case *ast.Field:
		return elementOf(decl.Type)
	case *ast.ValueSpec:
		return elementOf(decl.Type)
	case *ast.AssignStmt:
		right := decl.Rhs[0]
		if each, ok := right.(*ast.UnaryExpr); ok {
			if each.Op == token.RANGE {
				return typeOf(each.X)
			}
			right = each.X
		}
		if lit, ok := right.(*ast.CompositeLit); ok && len(decl.Rhs) == 1 {
			return typeOf(lit)
		}
	}
	return ""
}

func elementOf(typ ast.Expr) string {
	switch typ := typ.(type) {
	case *ast.Ident:
		return typ.Name
	case *ast.StarExpr:
		return elementOf(typ.X)
	case *ast.ArrayType:
		return elementOf(typ.Elt)
	case *ast.Ellipsis:
		return elementOf(typ.Elt)
	case *ast.StructType: // one without a name is told by its place
		return fmt.Sprintf("struct at %d", typ.Pos())
	}
	return ""
}

// fills lists what a node puts into the fields meant.
func (t *texts) fills(n ast.Node, typ, name string) []ast.Expr {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if _, ok := n.Type.(*ast.ArrayType); !ok {
			return t.fillsOfLiteral(n, n.Type, typ, name)
		}
		var given []ast.Expr
		for _, element := range n.Elts { // []column{{"id", 1}} leaves the inner type out
			if inner, ok := element.(*ast.CompositeLit); ok && inner.Type == nil {
				given = append(given, t.fillsOfLiteral(inner, n.Type, typ, name)...)
			}
		}
		return given
	case *ast.AssignStmt:
		var given []ast.Expr
		for i, left := range n.Lhs {
			sel, ok := left.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != name {
				continue
			}
			if of := typeOf(sel.X); of == "" || typ == "" || of == typ {
				given = append(given, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		}
		return given
	}
	return nil
}

// fillsOfLiteral takes the field of a struct literal, by name or by place.
func (t *texts) fillsOfLiteral(lit *ast.CompositeLit, of ast.Expr, typ, name string) []ast.Expr {
	if is := elementOf(of); is == "" || typ != "" && is != typ {
		return nil
	}
	fields := t.fieldsOf(of)
	for i, element := range lit.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
				return []ast.Expr{pair.Value}
			}
		} else if i < len(fields) && fields[i] == name {
			return []ast.Expr{element}
		}
	}
	return nil
}

// fieldsOf lists the fields of a struct type, or of a slice's elements, in order.
func (t *texts) fieldsOf(typ ast.Expr) []string {
	switch typ := typ.(type) {
	case *ast.ArrayType:
		return t.fieldsOf(typ.Elt)
	case *ast.StarExpr:
		return t.fieldsOf(typ.X)
	case *ast.StructType:
		return fieldNames(typ)
	case *ast.Ident:
		for _, f := range t.pkg {
			if obj := f.syntax.Scope.Lookup(typ.Name); obj != nil {
				if spec, ok := obj.Decl.(*ast.TypeSpec); ok && spec.Type != ast.Expr(typ) {
					return t.fieldsOf(spec.Type)
				}
			}
		}
	}
	return nil
}

func fieldNames(st *ast.StructType) []string {
	var names []string
	for _, field := range st.Fields.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}
