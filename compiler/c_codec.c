/*
 * NAME.lwl.c: encoders and decoders.
 *
 * A message's decoder is one call of wire.h for each field, in the order of the numbers; so is its
 * encoder.  What a type needs beyond wire.h (a struct's layout, a group's items) becomes a static
 * function get_…, put_… of the file, if something in the file uses it; also for the types of imported
 * libraries, so that no generated file needs more of another than its header.
 */
#include "c_backend.h"

#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "idl/arena.h"

/*
 * What the file needs of a type, as bits.  Reading and writing are needed apart: a group that no
 * message holds can still be read, by its _next.
 */
enum need {
	NEED_GET = 1,			/* GROUP: its items; STRUCT: load and check */
	NEED_PUT = 2,			/* GROUP: its items; STRUCT: store */
	NEED_BOTH = NEED_GET | NEED_PUT,
	NEED_ONE = 4,			/* a field of it: times NEED_GET, NEED_PUT */
	NEED_ARRAY = 16,		/* an array or list of it: likewise */
	NEED_REF = 64,			/* GROUP: a field on a cycle: likewise */
	NEED_ZERO = 256,		/* is it all zeros? */
	NEED_LOAD = 512,		/* STRUCT: for its _at */
	NEED_PROTOTYPES = 1024		/* GROUP: functions of it are called before they are defined */
};

struct needed {
	const void *type;
	unsigned needs;
	UT_hash_handle hh;
};

struct work {				/* a group whose fields are still to be looked at */
	const struct group *group;
	unsigned fresh;
	struct work *next;
};

struct codec {
	struct backend *b;
	struct output *out;
	struct needed *needed;
	struct work *work;
};

static unsigned needs(struct codec *c, const void *type)
{
	struct needed *n;

	HASH_FIND_PTR(c->needed, &type, n);
	return n != NULL ? n->needs : 0;
}

/* Returns those that were not known before. */
static unsigned add_needs(struct codec *c, const void *type, unsigned more)
{
	struct needed *n;
	unsigned fresh;

	HASH_FIND_PTR(c->needed, &type, n);
	if (n == NULL) {
		n = arena_alloc(c->b->arena, sizeof *n);
		n->type = type;
		HASH_ADD_PTR(c->needed, type, n);
	}
	fresh = more & ~n->needs;
	n->needs |= more;
	return fresh;
}

static const char *num(struct codec *c, uint32_t n)
{
	return arena_printf(c->b->arena, "%u", n);
}

/* ---- what is needed ---- */

static void need_structure(struct codec *c, const struct structure *s, unsigned what)
{
	unsigned inside = what & (NEED_BOTH | NEED_ZERO | NEED_LOAD);
	size_t i;

	inside &= add_needs(c, s, what);
	for (i = 0; inside != 0 && i < s->member_count; i++) {
		const struct type *t = &s->members[i].type;

		if (t->kind == TYPE_STRUCT)
			need_structure(c, t->structure, inside);
	}
}

/* Groups can contain each other in long chains and in circles: their fields wait in a list. */
static void need_group(struct codec *c, const struct group *g, unsigned what)
{
	unsigned fresh = add_needs(c, g, what) & (NEED_BOTH | NEED_ZERO);
	struct work *work;

	if (fresh == 0)
		return;
	work = arena_alloc(c->b->arena, sizeof *work);
	work->group = g;
	work->fresh = fresh;
	work->next = c->work;
	c->work = work;
}

static void need_field(struct codec *c, const struct field *f, unsigned direction)
{
	const struct type *t = &f->type;
	unsigned what = direction;

	if (t->shape != SHAPE_ONE) {
		what |= direction * NEED_ARRAY;
		if (f->on_cycle)
			what |= NEED_PROTOTYPES;
	} else if (f->on_cycle) {
		/* A reference is written as a list of one. */
		what |= direction * NEED_REF | (direction & NEED_PUT) * NEED_ARRAY | NEED_PROTOTYPES;
	} else {
		what |= direction * NEED_ONE;
		if (f->presence == PRESENCE_OPTIONAL && direction & NEED_PUT)
			what |= NEED_ZERO;
	}
	if (t->kind == TYPE_STRUCT)
		need_structure(c, t->structure, what);
	else if (t->kind == TYPE_GROUP || t->kind == TYPE_UNION)
		need_group(c, t->group, what);
	else if (c_is_strict(t))
		add_needs(c, t->enumeration, what);
}

/* Whether a group is zero asks the same of the groups and structs in it. */
static void need_zero_inside(struct codec *c, const struct group *g)
{
	size_t i;

	for (i = 0; !g->is_union && i < g->field_count; i++) {
		const struct field *f = &g->fields[i];

		if (f->type.shape != SHAPE_ONE || f->on_cycle)
			continue;
		if (f->type.kind == TYPE_STRUCT)
			need_structure(c, f->type.structure, NEED_ZERO);
		else if (f->type.kind == TYPE_GROUP)
			need_group(c, f->type.group, NEED_ZERO);
	}
}

static void need_fields(struct codec *c)
{
	while (c->work != NULL) {
		struct work *work = c->work;
		size_t i;

		c->work = work->next;
		if (work->fresh & NEED_ZERO)
			need_zero_inside(c, work->group);
		for (i = 0; work->fresh & NEED_BOTH && i < work->group->field_count; i++)
			need_field(c, &work->group->fields[i], work->fresh & NEED_BOTH);
	}
}

/* ---- enums and flags ---- */

static const char *bad_code(const struct type *t)
{
	return t->kind == TYPE_ENUM ? "LWL_BAD_ENUM" : "LWL_BAD_FLAGS";
}

/* The byte at `place`: "p[8 + i]" for "p + 8 + i". */
static const char *byte_at(struct codec *c, const char *place)
{
	const char *plus = strstr(place, " + ");

	if (plus == NULL)
		return arena_printf(c->b->arena, "%s[0]", place);
	return arena_printf(c->b->arena, "%.*s[%s]", (int)(plus - place), place, plus + 3);
}

/* A load of the scalar `kind` from the bytes at `place`. */
static const char *load_of(struct codec *c, enum type_kind kind, const char *place)
{
	struct arena *a = c->b->arena;

	switch (kind) {
	case TYPE_BOOL: return arena_printf(a, "%s == 1", byte_at(c, place));
	case TYPE_U8: return byte_at(c, place);
	case TYPE_S8: return arena_printf(a, "(int8_t)%s", byte_at(c, place));
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
static const char *store_of(struct codec *c, enum type_kind kind, const char *place,
			    const char *value)
{
	struct arena *a = c->b->arena;

	switch (kind) {
	case TYPE_BOOL:
	case TYPE_U8: return arena_printf(a, "%s = %s", byte_at(c, place), value);
	case TYPE_S8: return arena_printf(a, "%s = (uint8_t)%s", byte_at(c, place), value);
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

static void emit_enumeration(struct codec *c, const struct enumeration *e, unsigned need)
{
	const char *name = c_enumeration(c->b->names, e), *type = c_scalar(e->underlying);
	const char *suffix = c_suffix(e->underlying);
	struct type t = { .kind = e->is_flags ? TYPE_FLAGS : TYPE_ENUM };
	struct type element = { .kind = e->underlying };
	const char *size = NULL;

	/* The sizes of integers are powers of two, in the order of the kinds. */
	size = num(c, 1u << (element.kind - (element.kind >= TYPE_S8 ? TYPE_S8 : TYPE_U8)));
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
		     "load", load_of(c, e->underlying, "r->msg + r->value"), NULL);
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
		     "\tlwl_require(w, v.count >= min && v.count <= max);\n"
		     "\tfor (i = 0; w->status == 0 && i < v.count; i++)\n"
		     "\t\tlwl_require(w, $name$_valid(lwl_$suffix$_at(v, i)));\n"
		     "\tlwl_put_packed(w, number, $size$, min, max, v);\n"
		     "}\n\n",
		     "name", name, "size", size, "suffix", suffix, NULL);
}

static void emit_enum_name(struct codec *c, const struct enumeration *e)
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
	emit(c->out, "\tfor (i = 0; i < $n$; i++)\n", "n", num(c, m->type.max), NULL);
	return "\t\t";
}

static void emit_load(struct codec *c, const struct structure *s)
{
	size_t i;

	emit(c->out, "static void load_$name$(struct $name$ *out, const uint8_t *p)\n{\n",
	     "name", c_structure(c->b->names, s), NULL);
	if (has_loops(s, false))
		emit_text(c->out, "\tuint32_t i;\n\n");
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		const char *name = c_member(c->b->names, m->c.name), *indent, *place;
		const char *element = m->type.shape == SHAPE_ARRAY ? "[i]" : "";

		if (m->type.shape == SHAPE_ARRAY && c_stored(&m->type) == TYPE_U8) {
			emit(c->out, "\tmemcpy(out->$name$, $place$, $n$);\n", "name", name,
			     "place", start_of(c, m), "n", num(c, m->type.max), NULL);
			continue;
		}
		indent = emit_loop(c, m);
		place = place_of(c, "p", m);
		if (m->type.kind == TYPE_STRUCT)
			emit(c->out, "$indent$load_$type$(&out->$name$$element$, $place$);\n",
			     "indent", indent, "type", c_structure(c->b->names, m->type.structure),
			     "name", name, "element", element, "place", place, NULL);
		else
			emit(c->out, "$indent$out->$name$$element$ = $load$;\n", "indent", indent,
			     "name", name, "element", element,
			     "load", load_of(c, c_stored(&m->type), place), NULL);
	}
	emit_text(c->out, "}\n\n");
}

static void emit_store(struct codec *c, const struct structure *s)
{
	size_t i;

	emit(c->out, "static void store_$name$(uint8_t *p, const struct $name$ *in)\n{\n",
	     "name", c_structure(c->b->names, s), NULL);
	if (has_loops(s, false))
		emit_text(c->out, "\tuint32_t i;\n\n");
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		const char *name = c_member(c->b->names, m->c.name), *indent, *place;
		const char *element = m->type.shape == SHAPE_ARRAY ? "[i]" : "";
		uint32_t end = m->offset + m->type.size *
			       (m->type.shape == SHAPE_ARRAY ? m->type.max : 1);

		if (m->type.shape == SHAPE_ARRAY && c_stored(&m->type) == TYPE_U8) {
			emit(c->out, "\tmemcpy($place$, in->$name$, $n$);\n", "name", name,
			     "place", start_of(c, m), "n", num(c, m->type.max), NULL);
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
				     store_of(c, c_stored(&m->type), place,
					      arena_printf(c->b->arena, "in->%s%s", name, element)),
				     NULL);
		}
		if (m->hole > 0)
			emit(c->out, "\tmemset(p + $at$, 0, $n$);\n", "at", num(c, end),
			     "n", num(c, m->hole), NULL);
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
				const char *load = load_of(c, c_stored(&m->type),
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
			     "at", num(c, end), "n", num(c, m->hole), NULL);
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
static const char *zero_test(struct codec *c, const struct type *t, bool on_cycle, const char *value,
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
		     "test", zero_test(c, &element, false, value, false), NULL);
	}
	emit_text(c->out, "\treturn true;\n}\n\n");
}

static void emit_structure_at(struct codec *c, const struct structure *s)
{
	emit(c->out,
	     "struct $name$ $name$_at(struct lwl_seq seq, uint32_t i)\n"
	     "{\n"
	     "\tstruct $name$ v;\n\n"
	     "\tmemset(&v, 0, sizeof v);\n"
	     "\tif (i < seq.count && seq.wire == 0)\n"
	     "\t\tv = ((const struct $name$ *)seq.data)[i];\n"
	     "\telse if (i < seq.count)\n"
	     "\t\tload_$name$(&v, (const uint8_t *)seq.data + (size_t)i * $size$);\n"
	     "\treturn v;\n"
	     "}\n\n", "name", c_structure(c->b->names, s), "size", num(c, s->size), NULL);
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
	     "name", name, "size", num(c, s->size), "align", num(c, s->align), "index", index,
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
	     "name", name, "size", num(c, s->size), "align", num(c, s->align), "require", require,
	     NULL);
}

static void emit_structure(struct codec *c, const struct structure *s, unsigned need, bool own)
{
	const char *name = c_structure(c->b->names, s);
	const char *size = num(c, s->size), *align = num(c, s->align);
	const char *check = s->has_checks
		? arena_printf(c->b->arena, "\tcheck_%s(r, r->value);\n", name) : "";
	const char *require = s->has_strict
		? arena_printf(c->b->arena, "\tlwl_require(w, valid_%s(in));\n", name) : "";

	if (need & (NEED_GET | NEED_LOAD))
		emit_load(c, s);
	if (need & NEED_PUT)
		emit_store(c, s);
	if (need & NEED_GET && s->has_checks)
		emit_check(c, s);
	if (need & NEED_PUT && s->has_strict)
		emit_valid(c, s);
	if (need & NEED_ZERO)
		emit_structure_zero(c, s);
	if (own)
		emit_structure_at(c, s);
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
		     "\tload_$name$(out, r->msg + r->value);\n"
		     "\tlwl_close_leaf(r);\n"
		     "\treturn !r->failed;\n"
		     "}\n\n",
		     "name", name, "size", size, "align", align, "check", check, NULL);
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

/* ---- one field ---- */

/* "lwl_get_bytes(r, 1, LWL_REQUIRED, 1, 255, &out->name)": the call that takes in a field. */
static const char *get_call(struct codec *c, const struct field *f)
{
	struct arena *a = c->b->arena;
	const struct type *t = &f->type;
	const char *member = c_member(c->b->names, f->c.name);
	const char *required = f->presence == PRESENCE_REQUIRED ? "LWL_REQUIRED" : "LWL_OPTIONAL";
	const char *function, *bounds = "", *behind = "";
	unsigned n = f->number;

	if (t->shape == SHAPE_LIST && t->kind == TYPE_LINK)
		return arena_printf(a, "lwl_get_links(r, %u, %u, &out->%s)", n, t->max, member);
	if (t->shape == SHAPE_LIST && t->kind == TYPE_GROUP)
		return arena_printf(a, "get_%s_list(r, %u, %u, %u, &out->%s)",
				    c_group(c->b->names, t->group), n, t->max,
				    t->list_bytes != 0 ? t->list_bytes : 65535, member);
	if (t->shape != SHAPE_ONE) {
		uint32_t min = t->shape == SHAPE_ARRAY ? t->max : 0;

		bounds = arena_printf(a, "%u, %u, ", min, t->max);
		if (t->kind == TYPE_STRUCT)
			function = arena_printf(a, "get_%s_array",
						c_structure(c->b->names, t->structure));
		else if (c_is_strict(t))
			function = arena_printf(a, "get_%s_array",
						c_enumeration(c->b->names, t->enumeration));
		else if (t->kind == TYPE_BOOL)
			function = "lwl_get_bools";
		else {
			function = "lwl_get_packed";
			bounds = arena_printf(a, "%u, %s", t->size, bounds);
		}
		return arena_printf(a, "%s(r, %u, %s, %s&out->%s)", function, n, required, bounds,
				    member);
	}
	switch (t->kind) {
	case TYPE_STRUCT:
		function = arena_printf(a, "get_%s", c_structure(c->b->names, t->structure));
		break;
	case TYPE_GROUP:
	case TYPE_UNION:
		function = arena_printf(a, f->on_cycle ? "get_%s_ref" : "get_%s",
					c_group(c->b->names, t->group));
		break;
	case TYPE_STRING:
	case TYPE_BYTES:
		function = t->kind == TYPE_STRING ? "lwl_get_string" : "lwl_get_bytes";
		bounds = arena_printf(a, "%u, %u, ", t->min, t->max);
		break;
	case TYPE_LINK:
		function = "lwl_get_link";
		behind = ".id";
		break;
	default:
		function = c_is_strict(t)
			? arena_printf(a, "get_%s", c_enumeration(c->b->names, t->enumeration))
			: arena_printf(a, "lwl_get_%s", c_suffix(c_stored(t)));
		break;
	}
	return arena_printf(a, "%s(r, %u, %s, %s&out->%s%s)", function, n, required, bounds, member,
			    behind);
}

static const char *put_call(struct codec *c, const struct field *f)
{
	struct arena *a = c->b->arena;
	const struct type *t = &f->type;
	const char *member = c_member(c->b->names, f->c.name);
	unsigned n = f->number;

	if (t->shape == SHAPE_LIST && t->kind == TYPE_LINK)
		return arena_printf(a, "lwl_put_links(w, %u, %u, in->%s)", n, t->max, member);
	if (t->shape == SHAPE_LIST && t->kind == TYPE_GROUP)
		return arena_printf(a, "put_%s_list(w, %u, %u, %u, in->%s)",
				    c_group(c->b->names, t->group), n, t->max,
				    t->list_bytes != 0 ? t->list_bytes : 65535, member);
	if (t->shape != SHAPE_ONE) {
		uint32_t min = t->shape == SHAPE_ARRAY ? t->max : 0;

		if (t->kind == TYPE_STRUCT || c_is_strict(t))
			return arena_printf(a, "put_%s_array(w, %u, %u, %u, in->%s)",
					    t->kind == TYPE_STRUCT
						? c_structure(c->b->names, t->structure)
						: c_enumeration(c->b->names, t->enumeration),
					    n, min, t->max, member);
		if (t->kind == TYPE_BOOL)
			return arena_printf(a, "lwl_put_bools(w, %u, %u, %u, in->%s)", n, min, t->max,
					    member);
		return arena_printf(a, "lwl_put_packed(w, %u, %u, %u, %u, in->%s)", n, t->size, min,
				    t->max, member);
	}
	switch (t->kind) {
	case TYPE_STRUCT:
		return arena_printf(a, "put_%s(w, %u, &in->%s)", c_structure(c->b->names, t->structure),
				    n, member);
	case TYPE_GROUP:
	case TYPE_UNION:
		return arena_printf(a, f->on_cycle ? "put_%s_ref(w, %u, in->%s)" : "put_%s(w, %u, &in->%s)",
				    c_group(c->b->names, t->group), n, member);
	case TYPE_STRING:
	case TYPE_BYTES:
		return arena_printf(a, "lwl_put_%s(w, %u, %u, %u, in->%s)",
				    t->kind == TYPE_STRING ? "string" : "bytes", n, t->min, t->max,
				    member);
	case TYPE_LINK:
		return arena_printf(a, "lwl_put_link(w, %u, in->%s.id)", n, member);
	default:
		if (c_is_strict(t))
			return arena_printf(a, "put_%s(w, %u, in->%s)",
					    c_enumeration(c->b->names, t->enumeration), n, member);
		return arena_printf(a, "lwl_put_%s(w, %u, in->%s)", c_suffix(c_stored(t)), n, member);
	}
}

/* The default as C writes it: a member of the enum by its name. */
static const char *default_value(struct codec *c, const struct field *f)
{
	const struct type *t = &f->type;
	size_t i;

	for (i = 0; t->kind == TYPE_ENUM && i < t->enumeration->member_count; i++)
		if (t->enumeration->members[i].value == f->default_bits)
			return c_enum_member(c->b->names, t->enumeration, &t->enumeration->members[i]);
	return c_number(c->b->arena, c_stored(t), f->default_bits);
}

/* Whether the member differs from its default. */
static const char *differs_test(struct codec *c, const struct field *f, const char *value)
{
	struct arena *a = c->b->arena;

	switch (f->type.kind) {
	case TYPE_BOOL:
		return arena_printf(a, f->default_bits != 0 ? "!%s" : "%s", value);
	case TYPE_F32:
		return arena_printf(a, "lwl_f32_bits(%s) != %s", value,
				    c_number(a, TYPE_U32, f->default_bits));
	case TYPE_F64:
		return arena_printf(a, "lwl_f64_bits(%s) != %s", value,
				    c_number(a, TYPE_U64, f->default_bits));
	default:
		return arena_printf(a, "%s != %s", value, default_value(c, f));
	}
}

static void emit_get_field(struct codec *c, const struct field *f)
{
	const char *member = c_member(c->b->names, f->c.name), *call = get_call(c, f);

	if (!c_has_flag(f)) {
		emit(c->out, "\t$call$;\n", "call", call, NULL);
	} else if (f->presence == PRESENCE_OPTIONAL) {
		emit(c->out, "\tout->has_$name$ = $call$;\n", "name", f->c.name, "call", call, NULL);
	} else {
		emit(c->out,
		     "\tif (!$call$)\n"
		     "\t\tout->$member$ = $value$;\n"
		     "\tout->has_$name$ = true;\n",
		     "call", call, "member", member, "value", default_value(c, f),
		     "name", f->c.name, NULL);
	}
}

static void emit_put_field(struct codec *c, const struct field *f)
{
	const char *value = arena_printf(c->b->arena, "in->%s", c_member(c->b->names, f->c.name));
	const char *call = put_call(c, f);

	switch (f->presence) {
	case PRESENCE_REQUIRED:
	case PRESENCE_LIST:
		emit(c->out, "\t$call$;\n", "call", call, NULL);
		break;
	case PRESENCE_OPTIONAL:
		emit(c->out,
		     "\tif (in->has_$name$)\n"
		     "\t\t$call$;\n"
		     "\telse\n"
		     "\t\tlwl_require(w, $zero$);\n",
		     "name", f->c.name, "call", call, "zero",
		     zero_test(c, &f->type, f->on_cycle, value, true), NULL);
		break;
	case PRESENCE_DEFAULT:
		if (!c_has_flag(f))
			emit(c->out, "\tif ($differs$)\n\t\t$call$;\n",
			     "differs", differs_test(c, f, value), "call", call, NULL);
		else
			emit(c->out,
			     "\tif (in->has_$name$ && $differs$)\n"
			     "\t\t$call$;\n"
			     "\telse\n"
			     "\t\tlwl_require(w, in->has_$name$ || $zero$);\n",
			     "name", f->c.name, "differs", differs_test(c, f, value), "call", call,
			     "zero", zero_test(c, &f->type, false, value, true), NULL);
		break;
	}
}

/* ---- groups and unions ---- */

static void emit_group_items_get(struct codec *c, const struct group *g)
{
	const char *name = c_group(c->b->names, g);
	size_t i;

	emit(c->out, "static void get_$name$_items(struct lwl_reader *r, struct $name$ *out)\n{\n",
	     "name", name, NULL);
	if (g->is_union) {
		emit_text(c->out, "\tbool known = true;\n\n"
				  "\tmemset(out, 0, sizeof *out);\n"
				  "\tout->which = lwl_union_member(r);\n"
				  "\tswitch (out->which) {\n");
		for (i = 0; i < g->field_count; i++)
			emit(c->out, "\tcase $UNION$_$MEMBER$:\n\t\t$call$;\n\t\tbreak;\n",
			     "UNION", c_upper(c->b->names, name),
			     "MEMBER", c_upper(c->b->names, g->fields[i].c.name),
			     "call", get_call(c, &g->fields[i]), NULL);
		emit_text(c->out, "\tdefault:\n\t\tknown = false;\n\t\tbreak;\n\t}\n"
				  "\tlwl_check_union(r, known);\n");
	} else if (g->field_count == 0) {
		emit_text(c->out, "\t(void)r;\n\tout->lwl_none = 0;\n");
	}
	for (i = 0; !g->is_union && i < g->field_count; i++)
		emit_get_field(c, &g->fields[i]);
	emit_text(c->out, "}\n\n");
}

static void emit_group_items_put(struct codec *c, const struct group *g)
{
	const char *name = c_group(c->b->names, g);
	size_t i;

	emit(c->out, "static void put_$name$_items(struct lwl_writer *w, const struct $name$ *in)\n{\n",
	     "name", name, NULL);
	if (g->is_union) {
		emit_text(c->out, "\tswitch (in->which) {\n");
		for (i = 0; i < g->field_count; i++)
			emit(c->out, "\tcase $UNION$_$MEMBER$:\n\t\t$call$;\n\t\tbreak;\n",
			     "UNION", c_upper(c->b->names, name),
			     "MEMBER", c_upper(c->b->names, g->fields[i].c.name),
			     "call", put_call(c, &g->fields[i]), NULL);
		emit_text(c->out, "\tdefault:\n\t\tlwl_require(w, false);\n\t\tbreak;\n\t}\n");
	} else if (g->field_count == 0) {
		emit_text(c->out, "\t(void)w;\n\t(void)in;\n");
	}
	for (i = 0; !g->is_union && i < g->field_count; i++)
		emit_put_field(c, &g->fields[i]);
	emit_text(c->out, "}\n\n");
}

static void emit_group_zero(struct codec *c, const struct group *g)
{
	size_t i;

	emit(c->out, "static bool is_zero_$name$(const struct $name$ *in)\n{\n",
	     "name", c_group(c->b->names, g), NULL);
	for (i = 0; i < g->field_count; i++) {
		const struct field *f = &g->fields[i];
		const char *value = arena_printf(c->b->arena, "in->%s",
						 c_member(c->b->names, f->c.name));
		const char *flag = c_has_flag(f)
			? arena_printf(c->b->arena, "in->has_%s || ", f->c.name) : "";

		emit(c->out, "\tif ($flag$$test$)\n\t\treturn false;\n", "flag", flag,
		     "test", zero_test(c, &f->type, f->on_cycle, value, false), NULL);
	}
	if (g->field_count == 0)
		emit_text(c->out, "\t(void)in;\n");
	emit_text(c->out, "\treturn true;\n}\n\n");
}

static void emit_group_one_get(struct codec *c, const char *name)
{
	emit(c->out,
	     "static bool get_$name$(struct lwl_reader *r, uint16_t number, bool required, "
	     "struct $name$ *out)\n"
	     "{\n"
	     "\tstruct lwl_reader inner;\n\n"
	     "\tif (!lwl_open_group(r, number, required, &inner)) {\n"
	     "\t\tmemset(out, 0, sizeof *out);\n"
	     "\t\treturn false;\n"
	     "\t}\n"
	     "\tget_$name$_items(&inner, out);\n"
	     "\tlwl_close_group(r, &inner);\n"
	     "\treturn !r->failed;\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_one_put(struct codec *c, const char *name)
{
	emit(c->out,
	     "static void put_$name$(struct lwl_writer *w, uint16_t number, const struct $name$ *in)\n"
	     "{\n"
	     "\tstruct lwl_group group;\n\n"
	     "\tlwl_begin_group(w, number, &group);\n"
	     "\tput_$name$_items(w, in);\n"
	     "\tlwl_end_group(w, &group);\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_list_get(struct codec *c, const char *name)
{
	emit(c->out,
	     "static void get_$name$_list(struct lwl_reader *r, uint16_t number, uint32_t max, "
	     "uint32_t bytes, struct lwl_seq *out)\n"
	     "{\n"
	     "\tstruct lwl_reader inner;\n"
	     "\tstruct $name$ element;\n\n"
	     "\tmemset(out, 0, sizeof *out);\n"
	     "\twhile (lwl_open_element(r, number, max, bytes, out, &inner)) {\n"
	     "\t\tget_$name$_items(&inner, &element);\n"
	     "\t\tlwl_close_group(r, &inner);\n"
	     "\t}\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_list_put(struct codec *c, const char *name)
{
	emit(c->out,
	     "static void put_$name$_list(struct lwl_writer *w, uint16_t number, uint32_t max, "
	     "uint32_t bytes, struct lwl_seq v)\n"
	     "{\n"
	     "\tstruct lwl_cursor c = lwl_cursor_of(v);\n"
	     "\tuint32_t start = lwl_writer_offset(w);\n"
	     "\tstruct lwl_group group;\n"
	     "\tstruct $name$ element;\n"
	     "\tuint32_t i;\n\n"
	     "\tlwl_require(w, v.count <= max);\n"
	     "\tfor (i = 0; w->status == 0 && i < v.count; i++) {\n"
	     "\t\tconst struct $name$ *in = lwl_cursor_host(&c, sizeof *in);\n\n"
	     "\t\tif (in == NULL) {\n"
	     "\t\t\tlwl_require(w, $name$_next(&c, &element));\n"
	     "\t\t\tin = &element;\n"
	     "\t\t}\n"
	     "\t\tlwl_begin_group(w, number, &group);\n"
	     "\t\tput_$name$_items(w, in);\n"
	     "\t\tlwl_end_group(w, &group);\n"
	     "\t}\n"
	     "\tlwl_require(w, lwl_writer_offset(w) - start <= bytes);\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_ref_get(struct codec *c, const char *name)
{
	emit(c->out,
	     "static bool get_$name$_ref(struct lwl_reader *r, uint16_t number, bool required, "
	     "struct lwl_seq *out)\n"
	     "{\n"
	     "\tstruct lwl_reader inner;\n"
	     "\tstruct $name$ looked_at;\n\n"
	     "\tmemset(out, 0, sizeof *out);\n"
	     "\tif (!lwl_open_group(r, number, required, &inner))\n"
	     "\t\treturn false;\n"
	     "\t*out = lwl_group_view(r);\n"
	     "\tget_$name$_items(&inner, &looked_at);\n"
	     "\tlwl_close_group(r, &inner);\n"
	     "\treturn !r->failed;\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_ref_put(struct codec *c, const char *name)
{
	emit(c->out,
	     "static void put_$name$_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)\n"
	     "{\n"
	     "\tlwl_require(w, v.count == 1);\n"
	     "\tput_$name$_list(w, number, 1, 65535, v);\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_next(struct codec *c, const char *name)
{
	emit(c->out,
	     "bool $name$_next(struct lwl_cursor *c, struct $name$ *out)\n"
	     "{\n"
	     "\tconst struct $name$ *host = lwl_cursor_host(c, sizeof *host);\n"
	     "\tstruct lwl_reader r;\n\n"
	     "\tif (host != NULL) {\n"
	     "\t\t*out = *host;\n"
	     "\t\treturn true;\n"
	     "\t}\n"
	     "\tif (!lwl_cursor_wire(c, &r))\n"
	     "\t\treturn false;\n"
	     "\tget_$name$_items(&r, out);\n"
	     "\treturn !r.failed;\n"
	     "}\n\n", "name", name, NULL);
}

/* A group on a cycle is read and written inside itself: its functions are declared before all. */
static void emit_group_prototypes(struct codec *c, const struct group *g, unsigned need)
{
	const char *name = c_group(c->b->names, g);

	if (need & NEED_GET * NEED_REF)
		emit(c->out, "static bool get_$name$_ref(struct lwl_reader *r, uint16_t number, "
			     "bool required, struct lwl_seq *out);\n", "name", name, NULL);
	if (need & NEED_GET * NEED_ARRAY)
		emit(c->out, "static void get_$name$_list(struct lwl_reader *r, uint16_t number, "
			     "uint32_t max, uint32_t bytes, struct lwl_seq *out);\n",
		     "name", name, NULL);
	if (need & NEED_PUT * NEED_REF)
		emit(c->out, "static void put_$name$_ref(struct lwl_writer *w, uint16_t number, "
			     "struct lwl_seq v);\n", "name", name, NULL);
	if (need & NEED_PUT * NEED_ARRAY)
		emit(c->out, "static void put_$name$_list(struct lwl_writer *w, uint16_t number, "
			     "uint32_t max, uint32_t bytes, struct lwl_seq v);\n", "name", name, NULL);
}

static void emit_group(struct codec *c, const struct group *g, unsigned need, bool own)
{
	const char *name = c_group(c->b->names, g);

	if (need & NEED_GET)
		emit_group_items_get(c, g);
	if (need & NEED_PUT)
		emit_group_items_put(c, g);
	if (need & NEED_ZERO && !g->is_union)
		emit_group_zero(c, g);
	if (own && !g->is_union)
		emit_group_next(c, name);
	if (need & NEED_GET * NEED_ONE)
		emit_group_one_get(c, name);
	if (need & NEED_PUT * NEED_ONE)
		emit_group_one_put(c, name);
	if (need & NEED_GET * NEED_ARRAY)
		emit_group_list_get(c, name);
	if (need & NEED_PUT * NEED_ARRAY)
		emit_group_list_put(c, name);
	if (need & NEED_GET * NEED_REF)
		emit_group_ref_get(c, name);
	if (need & NEED_PUT * NEED_REF)
		emit_group_ref_put(c, name);
}

/* ---- messages ---- */

/* A message's own code stands in its encode and decode; its fields need what they need. */
static void need_message(struct codec *c, const struct group *g)
{
	size_t i;

	for (i = 0; i < g->field_count; i++)
		need_field(c, &g->fields[i], NEED_BOTH);
}

static void emit_message(struct backend *b, const struct group *g)
{
	struct codec codec = { b, b->out, NULL, NULL }, *c = &codec;
	const char *name = c_group(b->names, g);
	const char *command = c_upper(b->names, c_command(b->names, g->command));
	const char *kind = g->command->is_oneway ? "ONEWAY"
			   : g == g->command->request ? "REQUEST" : "RESPONSE";
	size_t i;

	emit(b->out,
	     "int $name$_encode(struct lwl_writer *w, const struct $name$ *in)\n"
	     "{\n"
	     "$void$"
	     "\tlwl_writer_begin(w, $COMMAND$, LWL_KIND_$KIND$);\n",
	     "name", name, "COMMAND", command, "KIND", kind,
	     "void", g->field_count == 0 ? "\t(void)in;\n" : "", NULL);
	for (i = 0; i < g->field_count; i++)
		emit_put_field(c, &g->fields[i]);
	emit(b->out,
	     "\treturn lwl_writer_finish(w);\n"
	     "}\n\n"
	     "int $name$_decode(struct $name$ *out, const void *msg, size_t len, struct lwl_error *err)\n"
	     "{\n"
	     "\tstruct lwl_reader reader, *r = &reader;\n\n"
	     "\tlwl_reader_begin(r, msg, len, $COMMAND$, LWL_KIND_$KIND$, err);\n",
	     "name", name, "COMMAND", command, "KIND", kind, NULL);
	if (g->field_count == 0)
		emit_text(b->out, "\tout->lwl_none = 0;\n");
	for (i = 0; i < g->field_count; i++)
		emit_get_field(c, &g->fields[i]);
	emit_text(b->out, "\treturn lwl_reader_finish(r);\n}\n\n");
}

void c_codec_emit(struct backend *b)
{
	struct codec codec = { b, b->out, NULL, NULL }, *c = &codec;
	const struct library *library = b->library;
	const struct model *model = b->model;
	bool any = false;
	size_t i, k;

	for (i = 0; i < library->structure_count; i++)
		need_structure(c, library->structures[i], NEED_LOAD);
	for (i = 0; i < library->group_count; i++)
		if (!library->groups[i]->is_union)
			need_group(c, library->groups[i], NEED_GET);
	for (i = 0; i < library->declaration_count; i++) {
		const struct interface *interface = library->declarations[i].interface;

		if (library->declarations[i].kind != DECL_INTERFACE)
			continue;
		for (k = 0; k < interface->command_count; k++) {
			need_message(c, interface->commands[k].request);
			if (interface->commands[k].response != NULL)
				need_message(c, interface->commands[k].response);
		}
	}
	need_fields(c);

	c_banner(b, arena_printf(b->arena, "%s, version %u: encoders and decoders.", library->c.name,
				 library->version));
	emit(b->out, "#include \"$stem$.lwl.h\"\n\n", "stem", c_file_stem(b->arena, library), NULL);
	for (i = 0; i < library->declaration_count; i++)
		if (library->declarations[i].kind == DECL_ENUM &&
		    !library->declarations[i].enumeration->is_flags)
			emit_enum_name(c, library->declarations[i].enumeration);
	/* What is used of other libraries comes first, as they are imported. */
	for (i = 0; i < model->library_count; i++)
		for (k = 0; k < model->libraries[i]->declaration_count; k++) {
			const struct declaration *d = &model->libraries[i]->declarations[k];

			if (d->kind == DECL_ENUM)
				emit_enumeration(c, d->enumeration, needs(c, d->enumeration));
		}
	for (i = 0; i < model->library_count; i++)
		for (k = 0; k < model->libraries[i]->structure_count; k++) {
			const struct structure *s = model->libraries[i]->structures[k];

			emit_structure(c, s, needs(c, s), s->library == library);
		}
	for (i = 0; i < model->library_count; i++)
		for (k = 0; k < model->libraries[i]->group_count; k++) {
			const struct group *g = model->libraries[i]->groups[k];

			if (needs(c, g) & NEED_PROTOTYPES) {
				emit_group_prototypes(c, g, needs(c, g));
				any = true;
			}
		}
	if (any)
		emit_text(b->out, "\n");
	for (i = 0; i < model->library_count; i++)
		for (k = 0; k < model->libraries[i]->group_count; k++) {
			const struct group *g = model->libraries[i]->groups[k];

			emit_group(c, g, needs(c, g), g->library == library);
		}
	c_each_message(b, emit_message);
	HASH_CLEAR(hh, c->needed);
}
