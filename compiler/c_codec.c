/*
 * NAME.lwl.c: encoders and decoders.
 *
 * A message's decoder is one call of wire.h for each field, in the order of the numbers; so is its
 * encoder.  What a type needs beyond wire.h (a struct's layout, a group's items) becomes a static
 * function get_…, put_… of the file, if something in the file uses it; also for the types of imported
 * libraries, so that no generated file needs more of another than its header.
 */
#include "c_codec.h"

#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "idl/arena.h"

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

/* ---- what is needed ---- */

static void need_structure(struct codec *c, const struct structure *s, unsigned what)
{
	unsigned inside = what & (NEED_BOTH | NEED_ZERO) & add_needs(c, s, what);
	size_t i;

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

static void need_field(struct codec *c, const struct field *f, unsigned direction, bool put_in_run)
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
		/* A run stores its values itself. */
		what |= (put_in_run ? direction & NEED_GET : direction) * NEED_ONE;
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

static void need_fields_of(struct codec *c, const struct group *g, unsigned direction)
{
	size_t run_end = 0, i;

	for (i = 0; i < g->field_count; i++) {
		if (i >= run_end && !g->is_union)
			run_end = i + c_put_run(g, i);
		need_field(c, &g->fields[i], direction, i < run_end);
	}
}

static void need_fields(struct codec *c)
{
	while (c->work != NULL) {
		struct work *work = c->work;

		c->work = work->next;
		if (work->fresh & NEED_ZERO)
			need_zero_inside(c, work->group);
		if (work->fresh & NEED_BOTH)
			need_fields_of(c, work->group, work->fresh & NEED_BOTH);
	}
}

/* ---- one field ---- */

/* "lwl_get_bytes(r, 1, LWL_REQUIRED, 1, 255, &out->name)": the call that takes in a field. */
const char *c_get_call(struct codec *c, const struct field *f)
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
	const char *member = c_member(c->b->names, f->c.name), *call = c_get_call(c, f);

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
		     c_zero_test(c, &f->type, f->on_cycle, value, true), NULL);
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
			     "zero", c_zero_test(c, &f->type, false, value, true), NULL);
		break;
	}
}

static void emit_get_fields(struct codec *c, const struct group *g)
{
	size_t i = 0;

	while (i < g->field_count) {
		size_t run = c_get_run(g, i);

		if (run > 0)
			c_run_emit_get(c, g, i, run);
		else
			emit_get_field(c, &g->fields[i]);
		i += run > 0 ? run : 1;
	}
}

static void emit_put_fields(struct codec *c, const struct group *g)
{
	size_t i = 0;

	while (i < g->field_count) {
		size_t run = c_put_run(g, i);

		if (run > 0)
			c_run_emit_put(c, g, i, run);
		else
			emit_put_field(c, &g->fields[i]);
		i += run > 0 ? run : 1;
	}
}

/* ---- groups and unions ---- */

/* A function that several others call is one: `users` are bits of which any two make it so. */
static const char *linkage(unsigned users)
{
	return (users & (users - 1)) != 0 ? "LWL_SHARED" : "static";
}

static void emit_group_items_get(struct codec *c, const struct group *g, unsigned users)
{
	const char *name = c_group(c->b->names, g);
	size_t i;

	emit(c->out, "$static$ void get_$name$_items(struct lwl_reader *r, struct $name$ *out)\n{\n$run$",
	     "static", linkage(users), "name", name, "run", c_run_variables(g, false), NULL);
	if (g->is_union) {
		emit_text(c->out, "\tbool known = true;\n\n"
				  "\tmemset(out, 0, sizeof *out);\n"
				  "\tout->which = lwl_union_member(r);\n"
				  "\tswitch (out->which) {\n");
		for (i = 0; i < g->field_count; i++)
			emit(c->out, "\tcase $UNION$_$MEMBER$:\n\t\t$call$;\n\t\tbreak;\n",
			     "UNION", c_upper(c->b->names, name),
			     "MEMBER", c_upper(c->b->names, g->fields[i].c.name),
			     "call", c_get_call(c, &g->fields[i]), NULL);
		emit_text(c->out, "\tdefault:\n\t\tknown = false;\n\t\tbreak;\n\t}\n"
				  "\tlwl_check_union(r, known);\n");
	} else if (g->field_count == 0) {
		emit_text(c->out, "\t(void)r;\n\tout->lwl_none = 0;\n");
	}
	if (!g->is_union)
		emit_get_fields(c, g);
	emit_text(c->out, "}\n\n");
}

static void emit_group_items_put(struct codec *c, const struct group *g, unsigned users)
{
	const char *name = c_group(c->b->names, g);
	size_t i;

	emit(c->out,
	     "$static$ void put_$name$_items(struct lwl_writer *w, const struct $name$ *in)\n{\n$run$",
	     "static", linkage(users), "name", name, "run", c_run_variables(g, true), NULL);
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
	if (!g->is_union)
		emit_put_fields(c, g);
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
		     "test", c_zero_test(c, &f->type, f->on_cycle, value, false), NULL);
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

static void emit_group_list_get(struct codec *c, const struct group *g)
{
	const char *name = c_group(c->b->names, g);

	emit(c->out,
	     "static void get_$name$_list(struct lwl_reader *r, uint16_t number, uint32_t max, "
	     "uint32_t bytes, struct lwl_seq *out)\n"
	     "{\n"
	     "$rows$"
	     "\tstruct lwl_reader inner;\n"
	     "\tstruct $name$ element$unused$;\n\n"
	     "\tmemset(out, 0, sizeof *out);\n", "name", name, "unused", c_is_row(g) ? ", unused" : "",
	     "rows", c_is_row(g) ? "\tstruct lwl_rows rows = lwl_begin_rows(r, number, max, bytes);\n"
				 : "", NULL);
	if (c_is_row(g))
		c_row_emit_get(c, name);
	emit(c->out,
	     "\twhile (lwl_open_element(r, number, max, bytes, out, &inner)) {\n"
	     "\t\tget_$name$_items(&inner, &element);\n"
	     "\t\tlwl_close_group(r, &inner);\n"
	     "\t}\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_group_list_put(struct codec *c, const struct group *g)
{
	const char *name = c_group(c->b->names, g);

	if (c_is_row(g))
		c_row_emit_put(c, g);
	emit(c->out,
	     "static void put_$name$_list(struct lwl_writer *w, uint16_t number, uint32_t max, "
	     "uint32_t bytes, struct lwl_seq v)\n"
	     "{\n"
	     "\tstruct lwl_list list;\n"
	     "\tstruct $name$ element;\n"
	     "\tconst struct $name$ *in;\n\n"
	     "\tlwl_begin_list(w, &list, number, max, v);\n"
	     "$rows$"
	     "\twhile ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {\n"
	     "\t\tif (in == &element)\n"
	     "\t\t\tlwl_require(w, $name$_next$any$(&list.cursor, &element));\n"
	     "\t\tput_$name$_items(w, in);\n"
	     "\t}\n"
	     "\tlwl_end_list(w, &list, bytes);\n"
	     "}\n\n", "name", name, "any", c_is_row(g) ? "_of_any" : "",
	     "rows", c_is_row(g) ? arena_printf(c->b->arena, "\tput_%s_rows(w, &list);\n", name) : "",
	     NULL);
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

static void emit_group_next(struct codec *c, const struct group *g)
{
	emit(c->out,
	     "bool $name$_next$row$(struct lwl_cursor *c, struct $name$ *out)\n"
	     "{\n"
	     "\tstruct lwl_reader r;\n\n"
	     "\tif (lwl_cursor_next(c, &r, out, sizeof *out))\n"
	     "\t\tget_$name$_items(&r, out);\n"
	     "\treturn !r.failed;\n"
	     "}\n\n", "name", c_group(c->b->names, g), "row", c_is_row(g) ? "_of_any" : "", NULL);
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
	const unsigned users = NEED_ONE | NEED_ARRAY | NEED_REF;
	bool has_next = own && !g->is_union;

	if (need & NEED_GET)
		emit_group_items_get(c, g, (need & users * NEED_GET) | has_next);
	if (need & NEED_PUT)
		emit_group_items_put(c, g, need & (NEED_ONE | NEED_ARRAY) * NEED_PUT);
	if (need & NEED_ZERO && !g->is_union)
		emit_group_zero(c, g);
	if (has_next)
		emit_group_next(c, g);
	if (need & NEED_GET * NEED_ONE)
		emit_group_one_get(c, name);
	if (need & NEED_PUT * NEED_ONE)
		emit_group_one_put(c, name);
	if (need & NEED_GET * NEED_ARRAY)
		emit_group_list_get(c, g);
	if (need & NEED_PUT * NEED_ARRAY)
		emit_group_list_put(c, g);
	if (need & NEED_GET * NEED_REF)
		emit_group_ref_get(c, name);
	if (need & NEED_PUT * NEED_REF)
		emit_group_ref_put(c, name);
}

/* ---- messages ---- */

static void emit_message(struct backend *b, const struct group *g)
{
	struct codec codec = { b, b->out, NULL, NULL }, *c = &codec;
	const char *name = c_group(b->names, g);
	const char *command = c_upper(b->names, c_command(b->names, g->command));
	const char *kind = g->command->is_oneway ? "ONEWAY"
			   : g == g->command->request ? "REQUEST" : "RESPONSE";

	emit(b->out, "int $name$_encode(struct lwl_writer *w, const struct $name$ *in)\n{\n",
	     "name", name, NULL);
	if (c_is_fixed_message(g)) {
		c_fixed_message_emit_put(c, g, command, kind);
	} else {
		emit(b->out, "$run$$void$\tlwl_writer_begin(w, $COMMAND$, LWL_KIND_$KIND$);\n",
		     "COMMAND", command, "KIND", kind, "run", c_run_variables(g, true),
		     "void", g->field_count == 0 ? "\t(void)in;\n" : "", NULL);
		emit_put_fields(c, g);
		emit_text(b->out, "\treturn lwl_writer_finish(w);\n");
	}
	emit(b->out,
	     "}\n\n"
	     "int $name$_decode(struct $name$ *out, const void *msg, size_t len, struct lwl_error *err)\n"
	     "{\n"
	     "\tstruct lwl_reader reader, *r = &reader;\n"
	     "$run$"
	     "\tlwl_reader_begin(r, msg, len, $COMMAND$, LWL_KIND_$KIND$, err);\n",
	     "name", name, "COMMAND", command, "KIND", kind,
	     "run", *c_run_variables(g, false) != '\0' ? c_run_variables(g, false) : "\n", NULL);
	if (g->field_count == 0)
		emit_text(b->out, "\tout->lwl_none = 0;\n");
	emit_get_fields(c, g);
	emit_text(b->out, "\treturn lwl_reader_finish(r);\n}\n\n");
}

void c_codec_emit(struct backend *b)
{
	struct codec codec = { b, b->out, NULL, NULL }, *c = &codec;
	const struct library *library = b->library;
	const struct model *model = b->model;
	bool any = false;
	size_t i, k;

	for (i = 0; i < library->group_count; i++)
		if (!library->groups[i]->is_union)
			need_group(c, library->groups[i], NEED_GET);
	for (i = 0; i < library->declaration_count; i++) {
		const struct interface *interface = library->declarations[i].interface;

		if (library->declarations[i].kind != DECL_INTERFACE)
			continue;
		for (k = 0; k < interface->command_count; k++) {
			need_fields_of(c, interface->commands[k].request, NEED_BOTH);
			if (interface->commands[k].response != NULL)
				need_fields_of(c, interface->commands[k].response, NEED_BOTH);
		}
	}
	need_fields(c);

	c_banner(b, arena_printf(b->arena, "%s, version %u: encoders and decoders.", library->c.name,
				 library->version));
	emit(b->out, "#include \"$stem$.lwl.h\"\n\n", "stem", c_file_stem(b->arena, library), NULL);
	for (i = 0; i < library->declaration_count; i++)
		if (library->declarations[i].kind == DECL_ENUM &&
		    !library->declarations[i].enumeration->is_flags)
			c_enum_name_emit(c, library->declarations[i].enumeration);
	/* What is used of other libraries comes first, as they are imported. */
	for (i = 0; i < model->library_count; i++)
		for (k = 0; k < model->libraries[i]->declaration_count; k++) {
			const struct declaration *d = &model->libraries[i]->declarations[k];

			if (d->kind == DECL_ENUM)
				c_enumeration_emit(c, d->enumeration, needs(c, d->enumeration));
		}
	for (i = 0; i < model->library_count; i++)
		for (k = 0; k < model->libraries[i]->structure_count; k++) {
			const struct structure *s = model->libraries[i]->structures[k];

			c_structure_emit(c, s, needs(c, s));
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
