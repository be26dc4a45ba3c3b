package main_test

import (
	"go/ast"
	"slices"
)

// isFixedField judges a field by all that the package puts into fields of its
// name. A field that others can fill, or that nobody fills, holds values.
func (t *texts) isFixedField(name string) bool {
	if ast.IsExported(name) {
		return false
	}
	return t.once("field "+name, func() bool {
		filled, fixed := false, true
		for _, f := range t.pkg {
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				for _, e := range t.fills(n, name) {
					filled = true
					fixed = fixed && t.isFixed(f, e)
				}
				return fixed
			})
		}
		return filled && fixed
	})
}

// fills lists what a node puts into fields of the name.
func (t *texts) fills(n ast.Node, name string) []ast.Expr {
	switch n := n.(type) {
	case *ast.CompositeLit:
		return t.fillsOfLiteral(n, name)
	case *ast.AssignStmt:
		var given []ast.Expr
		for i, left := range n.Lhs {
			if sel, ok := left.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
				given = append(given, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		}
		return given
	}
	return nil
}

// fillsOfLiteral takes the field of a struct literal, by name or by place.
func (t *texts) fillsOfLiteral(lit *ast.CompositeLit, name string) []ast.Expr {
	for i, element := range lit.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
				return []ast.Expr{pair.Value}
			}
			continue
		}
		if fields := t.fieldsOf(lit.Type); i < len(fields) && fields[i] == name {
			return []ast.Expr{element}
		}
	}
	return nil
}

// fieldsOf lists the fields of a struct type of the package, in order.
func (t *texts) fieldsOf(typ ast.Expr) []string {
	id, ok := typ.(*ast.Ident)
	if !ok {
		return nil
	}
	for _, f := range t.pkg {
		if names := structFields(f.syntax.Scope.Lookup(id.Name)); names != nil {
			return names
		}
	}
	return nil
}

func structFields(obj *ast.Object) []string {
	if obj == nil {
		return nil
	}
	spec, ok := obj.Decl.(*ast.TypeSpec)
	if !ok {
		return nil
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	var names []string
	for _, field := range st.Fields.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return slices.Clip(names)
}
