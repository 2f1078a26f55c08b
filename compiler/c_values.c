/*
 * Enums and fixed structs in NAME.lwl.c: how their values lie in a message, and which are valid.
 */
#include "c_codec.h"

#include <stdlib.h>
#include <string.h>

#include "idl/arena.h"

const char *c_num(struct codec *c, uint32_t n)
{
	return arena_printf(c->b->arena, "%u", n);
}

/* ---- enums and flags ---- */

static const char *bad_code(const struct type *t)
{
	return t->kind == TYPE_ENUM ? "LWL_BAD_ENUM" : "LWL_BAD_FLAGS";
}

/* The byte at `place`: "p[8 + i]" for "p + 8 + i". */
static const char *byte_at(struct arena *a, const char *place)
{
	const char *plus = strstr(place, " + ");

	if (plus == NULL)
		return arena_printf(a, "%s[0]", place);
	return arena_printf(a, "%.*s[%s]", (int)(plus - place), place, plus + 3);
}

/* A load of the scalar `kind` from the bytes at `place`. */
const char *c_load(struct arena *a, enum type_kind kind, const char *place)
{
	switch (kind) {
	case TYPE_BOOL: return arena_printf(a, "%s == 1", byte_at(a, place));
	case TYPE_U8: return byte_at(a, place);
	case TYPE_S8: return arena_printf(a, "(int8_t)%s", byte_at(a, place));
	case TYPE_U16: return arena_printf(a, "lwl_load16(%s)", place);
	case TYPE_S16: return arena_printf(a, "(int16_t)lwl_load16(%s)", place);
	case TYPE_U32: return arena_printf(a, "lwl_load32(%s)", place);
	case TYPE_S32: return arena_printf(a, "(int32_t)lwl_load32(%s)", place);
	case TYPE_U64: return arena_printf(a, "lwl_load64(%s)", place);
	case TYPE_S64: return arena_printf(a, "(int64_t)lwl_load64(%s)", place);
	case TYPE_F32: return arena_printf(a, "lwl_loadf32(%s)", place);
	case TYPE_F64: return arena_printf(a, "lwl_loadf64(%s)", place);
	default: abort();
	}
}

/* A statement, without ';', that stores the scalar `value` at `place`. */
const char *c_store(struct arena *a, enum type_kind kind, const char *place, const char *value)
{
	switch (kind) {
	case TYPE_BOOL:
	case TYPE_U8: return arena_printf(a, "%s = %s", byte_at(a, place), value);
	case TYPE_S8: return arena_printf(a, "%s = (uint8_t)%s", byte_at(a, place), value);
	case TYPE_U16: return arena_printf(a, "lwl_store16(%s, %s)", place, value);
	case TYPE_S16: return arena_printf(a, "lwl_store16(%s, (uint16_t)%s)", place, value);
	case TYPE_U32: return arena_printf(a, "lwl_store32(%s, %s)", place, value);
	case TYPE_S32: return arena_printf(a, "lwl_store32(%s, (uint32_t)%s)", place, value);
	case TYPE_U64: return arena_printf(a, "lwl_store64(%s, %s)", place, value);
	case TYPE_S64: return arena_printf(a, "lwl_store64(%s, (uint64_t)%s)", place, value);
	case TYPE_F32: return arena_printf(a, "lwl_storef32(%s, %s)", place, value);
	case TYPE_F64: return arena_printf(a, "lwl_storef64(%s, %s)", place, value);
	default: abort();
	}
}

void c_enumeration_emit(struct codec *c, const struct enumeration *e, unsigned need)
{
	const char *name = c_enumeration(c->b->names, e), *type = c_scalar(e->underlying);
	const char *suffix = c_suffix(e->underlying);
	struct type t = { .kind = e->is_flags ? TYPE_FLAGS : TYPE_ENUM };
	struct type element = { .kind = e->underlying };
	const char *size = NULL;

	/* The sizes of integers are powers of two, in the order of the kinds. */
	size = c_num(c, 1u << (element.kind - (element.kind >= TYPE_S8 ? TYPE_S8 : TYPE_U8)));
	if (need & NEED_GET * NEED_ONE)
		emit(c->out,
		     "static bool get_$name$(struct lwl_reader *r, uint16_t number, bool required, "
		     "$type$ *out)\n"
		     "{\n"
		     "\tif (!lwl_open_leaf(r, number, required, $size$, $size$)) {\n"
		     "\t\t*out = 0;\n"
		     "\t\treturn false;\n"
		     "\t}\n"
		     "\t*out = $load$;\n"
		     "\tlwl_check(r, $name$_valid(*out), $bad$);\n"
		     "\tlwl_close_leaf(r);\n"
		     "\treturn !r->failed;\n"
		     "}\n\n",
		     "name", name, "type", type, "size", size, "bad", bad_code(&t),
		     "load", c_load(c->b->arena, e->underlying, "r->msg + r->value"), NULL);
	if (need & NEED_PUT * NEED_ONE)
		emit(c->out,
		     "static void put_$name$(struct lwl_writer *w, uint16_t number, $type$ v)\n"
		     "{\n"
		     "\tlwl_require(w, $name$_valid(v));\n"
		     "\tlwl_put_$suffix$(w, number, v);\n"
		     "}\n\n",
		     "name", name, "type", type, "suffix", suffix, NULL);
	if (need & NEED_GET * NEED_ARRAY)
		emit(c->out,
		     "static bool get_$name$_array(struct lwl_reader *r, uint16_t number, bool required, "
		     "uint32_t min, uint32_t max, struct lwl_seq *out)\n"
		     "{\n"
		     "\tuint32_t i;\n\n"
		     "\tif (!lwl_open_array(r, number, required, $size$, $size$, min, max, out))\n"
		     "\t\treturn false;\n"
		     "\tfor (i = 0; i < out->count; i++)\n"
		     "\t\tlwl_check(r, $name$_valid(lwl_$suffix$_at(*out, i)), $bad$);\n"
		     "\tlwl_close_leaf(r);\n"
		     "\treturn !r->failed;\n"
		     "}\n\n",
		     "name", name, "size", size, "suffix", suffix, "bad", bad_code(&t), NULL);
	if (need & NEED_PUT * NEED_ARRAY)
		emit(c->out,
		     "static void put_$name$_array(struct lwl_writer *w, uint16_t number, uint32_t min, "
		     "uint32_t max, struct lwl_seq v)\n"
		     "{\n"
		     "\tuint32_t i;\n\n"
		     "\tlwl_require_seq(w, v, $size$, min, max);\n"
		     "\tfor (i = 0; w->status == 0 && i < v.count; i++)\n"
		     "\t\tlwl_require(w, $name$_valid(lwl_$suffix$_at(v, i)));\n"
		     "\tlwl_put_packed(w, number, $size$, min, max, v);\n"
		     "}\n\n",
		     "name", name, "size", size, "suffix", suffix, NULL);
}

void c_enum_name_emit(struct codec *c, const struct enumeration *e)
{
	const char *name = c_enumeration(c->b->names, e);
	size_t i;

	emit(c->out, "const char *$name$_name($type$ v)\n{\n\tswitch (v) {\n", "name", name,
	     "type", c_scalar(e->underlying), NULL);
	for (i = 0; i < e->member_count; i++)
		emit(c->out, "\tcase $NAME$: return \"$text$\";\n",
		     "NAME", c_enum_member(c->b->names, e, &e->members[i]),
		     "text", e->members[i].c.name, NULL);
	emit_text(c->out, "\tdefault: return NULL;\n\t}\n}\n\n");
}

/* ---- fixed structs ---- */

static bool has_loops(const struct structure *s, bool bytes_too)
{
	size_t i;

	for (i = 0; i < s->member_count; i++)
		if (s->members[i].type.shape == SHAPE_ARRAY &&
		    (bytes_too || c_stored(&s->members[i].type) != TYPE_U8))
			return true;
	return false;
}

/* "p + 16", or "p + 16 + 4 * i" for element i of an array; "p" for the start. */
static const char *place_of(struct codec *c, const char *base, const struct struct_member *m)
{
	const char *at = m->offset == 0 ? base : arena_printf(c->b->arena, "%s + %u", base, m->offset);

	if (m->type.shape != SHAPE_ARRAY)
		return at;
	if (m->type.size == 1)
		return arena_printf(c->b->arena, "%s + i", at);
	return arena_printf(c->b->arena, "%s + %u * i", at, m->type.size);
}

/* The same for all bytes of a member. */
static const char *start_of(struct codec *c, const struct struct_member *m)
{
	return m->offset == 0 ? "p" : arena_printf(c->b->arena, "p + %u", m->offset);
}

/* The line above a statement that is run for each element of an array member. */
static const char *emit_loop(struct codec *c, const struct struct_member *m)
{
	if (m->type.shape != SHAPE_ARRAY)
		return "\t";
	emit(c->out, "\tfor (i = 0; i < $n$; i++)\n", "n", c_num(c, m->type.max), NULL);
	return "\t\t";
}

/*
 * Where the host's struct has the layout that messages have, one copy does for all members.  The
 * compiler finds out: nothing is assumed.  Not with holes, whose bytes may be anything in a C struct,
 * and not with bools, which C reads as 0 or 1 only.
 */
enum { AS_IS_SIZE = 16 };		/* from this size on it pays */

static void emit_as_is(struct backend *b, const struct structure *s)
{
	const char *name = c_structure(b->names, s);
	size_t i;

	emit(b->out,
	     "/* Is it in memory as in a message? */\n"
	     "enum {\n\t$NAME$_AS_IS = LWL_LITTLE_ENDIAN && sizeof(struct $name$) == $size$",
	     "NAME", c_upper(b->names, name), "name", name,
	     "size", arena_printf(b->arena, "%u", s->size), NULL);
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];

		emit(b->out, " &&\n\t\toffsetof(struct $name$, $member$) == $at$", "name", name,
		     "member", c_member(b->names, m->c.name),
		     "at", arena_printf(b->arena, "%u", m->offset), NULL);
		if (m->type.kind == TYPE_STRUCT && m->type.structure->size >= AS_IS_SIZE)
			emit(b->out, " && $NAME$_AS_IS", "NAME",
			     c_upper(b->names, c_structure(b->names, m->type.structure)), NULL);
	}
	emit_text(b->out, "\n};\n\n");
}

static bool has_as_is(const struct structure *s)
{
	return s->is_dense && s->size >= AS_IS_SIZE;
}

void c_structure_emit_inline(struct backend *b, const struct structure *s)
{
	struct codec codec = { b, b->out, NULL, NULL }, *c = &codec;
	const char *name = c_structure(b->names, s), *size = c_num(c, s->size);
	size_t i;

	if (has_as_is(s))
		emit_as_is(b, s);
	emit(c->out,
	     "/* From its $size$ bytes at `p` in a message. */\n"
	     "static inline void $name$_load(struct $name$ *out, const uint8_t *p)\n{\n",
	     "name", name, "size", size, NULL);
	if (has_loops(s, false))
		emit_text(c->out, "\tuint32_t i;\n\n");
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		const char *member = c_member(c->b->names, m->c.name), *indent, *place;
		const char *element = m->type.shape == SHAPE_ARRAY ? "[i]" : "";

		if (m->type.shape == SHAPE_ARRAY && c_stored(&m->type) == TYPE_U8) {
			emit(c->out, "\tmemcpy(out->$name$, $place$, $n$);\n", "name", member,
			     "place", start_of(c, m), "n", c_num(c, m->type.max), NULL);
			continue;
		}
		indent = emit_loop(c, m);
		place = place_of(c, "p", m);
		if (m->type.kind == TYPE_STRUCT)
			emit(c->out, "$indent$$type$_load(&out->$name$$element$, $place$);\n",
			     "indent", indent, "type", c_structure(c->b->names, m->type.structure),
			     "name", member, "element", element, "place", place, NULL);
		else
			emit(c->out, "$indent$out->$name$$element$ = $load$;\n", "indent", indent,
			     "name", member, "element", element,
			     "load", c_load(c->b->arena, c_stored(&m->type), place), NULL);
	}
	emit(c->out,
	     "}\n\n"
	     "/* Element `i` of a sequence of these; zeros when there are not so many. */\n"
	     "static inline struct $name$ $name$_at(struct lwl_seq seq, uint32_t i)\n"
	     "{\n"
	     "\tstruct $name$ v;\n\n"
	     "\tif (i < seq.count && seq.wire == 0)\n"
	     "\t\treturn ((const struct $name$ *)seq.data)[i];\n"
	     "\tmemset(&v, 0, sizeof v);\n"
	     "\tif (i < seq.count)\n"
	     "\t\t$name$_load(&v, (const uint8_t *)seq.data + (size_t)i * $size$);\n"
	     "\treturn v;\n"
	     "}\n\n", "name", name, "size", size, NULL);
}

static void emit_store(struct codec *c, const struct structure *s)
{
	size_t i;

	emit(c->out, "static void store_$name$(uint8_t *p, const struct $name$ *in)\n{\n",
	     "name", c_structure(c->b->names, s), NULL);
	if (has_loops(s, false))
		emit_text(c->out, "\tuint32_t i;\n\n");
	if (has_as_is(s))
		emit(c->out, "\tif ($NAME$_AS_IS) {\n\t\tmemcpy(p, in, $size$);\n\t\treturn;\n\t}\n",
		     "NAME", c_upper(c->b->names, c_structure(c->b->names, s)), "size", c_num(c, s->size),
		     NULL);
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		const char *name = c_member(c->b->names, m->c.name), *indent, *place;
		const char *element = m->type.shape == SHAPE_ARRAY ? "[i]" : "";
		uint32_t end = m->offset + m->type.size *
			       (m->type.shape == SHAPE_ARRAY ? m->type.max : 1);

		if (m->type.shape == SHAPE_ARRAY && c_stored(&m->type) == TYPE_U8) {
			emit(c->out, "\tmemcpy($place$, in->$name$, $n$);\n", "name", name,
			     "place", start_of(c, m), "n", c_num(c, m->type.max), NULL);
		} else {
			indent = emit_loop(c, m);
			place = place_of(c, "p", m);
			if (m->type.kind == TYPE_STRUCT)
				emit(c->out, "$indent$store_$type$($place$, &in->$name$$element$);\n",
				     "indent", indent,
				     "type", c_structure(c->b->names, m->type.structure),
				     "name", name, "element", element, "place", place, NULL);
			else
				emit(c->out, "$indent$$store$;\n", "indent", indent, "store",
				     c_store(c->b->arena, c_stored(&m->type), place,
					      arena_printf(c->b->arena, "in->%s%s", name, element)),
				     NULL);
		}
		if (m->hole == 1)
			emit(c->out, "\tp[$at$] = 0;\n", "at", c_num(c, end), NULL);
		else if (m->hole > 0)
			emit(c->out, "\tmemset(p + $at$, 0, $n$);\n", "at", c_num(c, end),
			     "n", c_num(c, m->hole), NULL);
	}
	emit_text(c->out, "}\n\n");
}

/* Is the condition of this member something that can fail? */
static bool member_has_checks(const struct type *t)
{
	return t->kind == TYPE_BOOL || c_is_strict(t) ||
	       (t->kind == TYPE_STRUCT && t->structure->has_checks);
}

static void emit_check(struct codec *c, const struct structure *s)
{
	bool loops = false;
	size_t i;

	for (i = 0; i < s->member_count; i++)
		loops = loops || (s->members[i].type.shape == SHAPE_ARRAY &&
				  member_has_checks(&s->members[i].type));
	emit(c->out, "static bool check_$name$(struct lwl_reader *r, uint32_t at)\n{\n",
	     "name", c_structure(c->b->names, s), NULL);
	if (loops)
		emit_text(c->out, "\tuint32_t i;\n\n");
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		uint32_t end = m->offset + m->type.size *
			       (m->type.shape == SHAPE_ARRAY ? m->type.max : 1);

		if (member_has_checks(&m->type)) {
			const char *indent = emit_loop(c, m), *place = place_of(c, "at", m), *test;

			if (m->type.kind == TYPE_STRUCT) {
				test = arena_printf(c->b->arena, "check_%s(r, %s)",
					c_structure(c->b->names, m->type.structure), place);
			} else if (m->type.kind == TYPE_BOOL) {
				test = arena_printf(c->b->arena,
					"lwl_check(r, r->msg[%s] <= 1, LWL_BAD_BOOL)", place);
			} else {
				const char *load = c_load(c->b->arena, c_stored(&m->type),
					arena_printf(c->b->arena, "r->msg + %s", place));

				test = arena_printf(c->b->arena, "lwl_check(r, %s_valid(%s), %s)",
					c_enumeration(c->b->names, m->type.enumeration), load,
					bad_code(&m->type));
			}
			emit(c->out, "$indent$if (!$test$)\n$indent$\treturn false;\n",
			     "indent", indent, "test", test, NULL);
		}
		if (m->hole > 0)
			emit(c->out, "\tif (!lwl_check_hole(r, at + $at$, $n$))\n\t\treturn false;\n",
			     "at", c_num(c, end), "n", c_num(c, m->hole), NULL);
	}
	emit_text(c->out, "\treturn true;\n}\n\n");
}

static void emit_valid(struct codec *c, const struct structure *s)
{
	bool loops = false;
	size_t i;

	for (i = 0; i < s->member_count; i++)
		loops = loops || (s->members[i].type.shape == SHAPE_ARRAY &&
				  (c_is_strict(&s->members[i].type) ||
				   (s->members[i].type.kind == TYPE_STRUCT &&
				    s->members[i].type.structure->has_strict)));
	emit(c->out, "static bool valid_$name$(const struct $name$ *in)\n{\n",
	     "name", c_structure(c->b->names, s), NULL);
	if (loops)
		emit_text(c->out, "\tuint32_t i;\n\n");
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		const char *test, *indent;
		const char *value = arena_printf(c->b->arena, "in->%s%s", c_member(c->b->names, m->c.name),
						 m->type.shape == SHAPE_ARRAY ? "[i]" : "");

		if (c_is_strict(&m->type))
			test = arena_printf(c->b->arena, "%s_valid(%s)",
					    c_enumeration(c->b->names, m->type.enumeration), value);
		else if (m->type.kind == TYPE_STRUCT && m->type.structure->has_strict)
			test = arena_printf(c->b->arena, "valid_%s(&%s)",
					    c_structure(c->b->names, m->type.structure), value);
		else
			continue;
		indent = emit_loop(c, m);
		emit(c->out, "$indent$if (!$test$)\n$indent$\treturn false;\n",
		     "indent", indent, "test", test, NULL);
	}
	emit_text(c->out, "\treturn true;\n}\n\n");
}

/* Whether `value` of this type is zero, or is not, as a C expression. */
const char *c_zero_test(struct codec *c, const struct type *t, bool on_cycle, const char *value,
			     bool zero)
{
	struct arena *a = c->b->arena;
	const char *equal = zero ? "==" : "!=", *not = zero ? "" : "!";

	if (t->shape != SHAPE_ONE || on_cycle)
		return arena_printf(a, "%s.count %s 0", value, equal);
	switch (t->kind) {
	case TYPE_BOOL: return arena_printf(a, "%s%s", zero ? "!" : "", value);
	case TYPE_F32: return arena_printf(a, "lwl_f32_bits(%s) %s 0", value, equal);
	case TYPE_F64: return arena_printf(a, "lwl_f64_bits(%s) %s 0", value, equal);
	case TYPE_STRING:
	case TYPE_BYTES: return arena_printf(a, "%s.len %s 0", value, equal);
	case TYPE_LINK: return arena_printf(a, "%s.id %s 0", value, equal);
	case TYPE_UNION: return arena_printf(a, "%s.which %s 0", value, equal);
	case TYPE_STRUCT:
		return arena_printf(a, "%sis_zero_%s(&%s)", not,
				    c_structure(c->b->names, t->structure), value);
	case TYPE_GROUP:
		return arena_printf(a, "%sis_zero_%s(&%s)", not, c_group(c->b->names, t->group), value);
	default: return arena_printf(a, "%s %s 0", value, equal);
	}
}

static void emit_structure_zero(struct codec *c, const struct structure *s)
{
	size_t i;

	emit(c->out, "static bool is_zero_$name$(const struct $name$ *in)\n{\n",
	     "name", c_structure(c->b->names, s), NULL);
	if (has_loops(s, true))
		emit_text(c->out, "\tuint32_t i;\n\n");
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		struct type element = m->type;
		const char *value = arena_printf(c->b->arena, "in->%s%s", c_member(c->b->names, m->c.name),
						 m->type.shape == SHAPE_ARRAY ? "[i]" : "");
		const char *indent = emit_loop(c, m);

		element.shape = SHAPE_ONE;
		emit(c->out, "$indent$if ($test$)\n$indent$\treturn false;\n", "indent", indent,
		     "test", c_zero_test(c, &element, false, value, false), NULL);
	}
	emit_text(c->out, "\treturn true;\n}\n\n");
}

static void emit_structure_array_get(struct codec *c, const struct structure *s)
{
	const char *name = c_structure(c->b->names, s);
	const char *index = s->has_checks ? "\tuint32_t i;\n\n" : "";
	const char *check = s->has_checks
		? arena_printf(c->b->arena, "\tfor (i = 0; i < out->count; i++)\n"
			       "\t\tif (!check_%s(r, r->value + i * %u))\n"
			       "\t\t\treturn false;\n", name, s->size) : "";

	emit(c->out,
	     "static bool get_$name$_array(struct lwl_reader *r, uint16_t number, bool required, "
	     "uint32_t min, uint32_t max, struct lwl_seq *out)\n"
	     "{\n"
	     "$index$"
	     "\tif (!lwl_open_array(r, number, required, $size$, $align$, min, max, out))\n"
	     "\t\treturn false;\n"
	     "$check$"
	     "\tlwl_close_leaf(r);\n"
	     "\treturn !r->failed;\n"
	     "}\n\n",
	     "name", name, "size", c_num(c, s->size), "align", c_num(c, s->align), "index", index,
	     "check", check, NULL);
}

static void emit_structure_array_put(struct codec *c, const struct structure *s)
{
	const char *name = c_structure(c->b->names, s);
	const char *require = s->has_strict
		? arena_printf(c->b->arena, "\t\tlwl_require(w, valid_%s(&element));\n", name) : "";

	emit(c->out,
	     "static void put_$name$_array(struct lwl_writer *w, uint16_t number, uint32_t min, "
	     "uint32_t max, struct lwl_seq v)\n"
	     "{\n"
	     "\tuint8_t *p = lwl_put_array(w, number, $size$, $align$, min, max, v);\n"
	     "\tuint32_t i;\n\n"
	     "\tfor (i = 0; p != NULL && i < v.count; i++) {\n"
	     "\t\tstruct $name$ element = $name$_at(v, i);\n\n"
	     "$require$"
	     "\t\tstore_$name$(p + (size_t)i * $size$, &element);\n"
	     "\t}\n"
	     "}\n\n",
	     "name", name, "size", c_num(c, s->size), "align", c_num(c, s->align), "require", require,
	     NULL);
}

void c_structure_emit(struct codec *c, const struct structure *s, unsigned need)
{
	const char *name = c_structure(c->b->names, s);
	const char *size = c_num(c, s->size), *align = c_num(c, s->align);
	const char *check = s->has_checks
		? arena_printf(c->b->arena, "\tcheck_%s(r, r->value);\n", name) : "";
	const char *require = s->has_strict
		? arena_printf(c->b->arena, "\tlwl_require(w, valid_%s(in));\n", name) : "";
	const char *load = arena_printf(c->b->arena, "%s_load(out, r->msg + r->value);\n", name);

	load = has_as_is(s)
		? arena_printf(c->b->arena, "\tif (%s_AS_IS)\n\t\tmemcpy(out, r->msg + r->value, %s);\n"
			       "\telse\n\t\t%s", c_upper(c->b->names, name), size, load)
		: arena_printf(c->b->arena, "\t%s", load);
	if (need & NEED_PUT)
		emit_store(c, s);
	if (need & NEED_GET && s->has_checks)
		emit_check(c, s);
	if (need & NEED_PUT && s->has_strict)
		emit_valid(c, s);
	if (need & NEED_ZERO)
		emit_structure_zero(c, s);
	if (need & NEED_GET * NEED_ONE)
		emit(c->out,
		     "static bool get_$name$(struct lwl_reader *r, uint16_t number, bool required, "
		     "struct $name$ *out)\n"
		     "{\n"
		     "\tif (!lwl_open_leaf(r, number, required, $size$, $align$)) {\n"
		     "\t\tmemset(out, 0, sizeof *out);\n"
		     "\t\treturn false;\n"
		     "\t}\n"
		     "$check$"
		     "$load$"
		     "\tlwl_close_leaf(r);\n"
		     "\treturn !r->failed;\n"
		     "}\n\n",
		     "name", name, "size", size, "align", align, "check", check, "load", load, NULL);
	if (need & NEED_PUT * NEED_ONE)
		emit(c->out,
		     "static void put_$name$(struct lwl_writer *w, uint16_t number, "
		     "const struct $name$ *in)\n"
		     "{\n"
		     "\tuint8_t *p = lwl_put_leaf(w, number, $size$, $align$);\n\n"
		     "$require$"
		     "\tif (p != NULL)\n"
		     "\t\tstore_$name$(p, in);\n"
		     "}\n\n",
		     "name", name, "size", size, "align", align, "require", require, NULL);
	if (need & NEED_GET * NEED_ARRAY)
		emit_structure_array_get(c, s);
	if (need & NEED_PUT * NEED_ARRAY)
		emit_structure_array_put(c, s);
}

