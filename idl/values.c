/* Literals, constants, bounds and defaults. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "layout.h"

bool value_is_signed(enum type_kind kind)
{
	return kind >= TYPE_S8 && kind <= TYPE_S64;
}

static bool is_float(enum type_kind kind)
{
	return kind == TYPE_F32 || kind == TYPE_F64;
}

const char *value_type_name(enum type_kind kind)
{
	static const char *const names[] = {
		[TYPE_BOOL] = "bool", [TYPE_U8] = "u8", [TYPE_U16] = "u16", [TYPE_U32] = "u32",
		[TYPE_U64] = "u64", [TYPE_S8] = "s8", [TYPE_S16] = "s16", [TYPE_S32] = "s32",
		[TYPE_S64] = "s64", [TYPE_F32] = "f32", [TYPE_F64] = "f64", [TYPE_ENUM] = "enum",
		[TYPE_FLAGS] = "flags", [TYPE_STRUCT] = "struct", [TYPE_STRING] = "string",
		[TYPE_BYTES] = "bytes", [TYPE_GROUP] = "group", [TYPE_UNION] = "union",
		[TYPE_LINK] = "link"
	};

	return names[kind];
}

static double real_of(uint64_t bits, enum type_kind kind)
{
	uint32_t narrow = (uint32_t)bits;
	float single;
	double real;

	if (kind == TYPE_F32) {
		memcpy(&single, &narrow, sizeof single);
		return (double)single;
	}
	memcpy(&real, &bits, sizeof real);
	return real;
}

static void read_constant(const struct constant *constant, struct value *value)
{
	enum type_kind kind = constant->type.kind;

	*value = (struct value){ .kind = VALUE_INTEGER, .magnitude = constant->bits };
	if (kind == TYPE_BOOL) {
		value->kind = VALUE_BOOLEAN;
	} else if (is_float(kind)) {
		value->kind = VALUE_FLOAT;
		value->real = real_of(constant->bits, kind);
		value->negative = signbit(value->real) != 0;
		value->real = fabs(value->real);
	} else if (value_is_signed(kind) && constant->bits >> 63) {
		value->negative = true;
		value->magnitude = 0 - constant->bits;
	}
}

bool value_read(struct checker *c, struct unit *unit, const struct ast_value *ast,
		struct value *value)
{
	const struct symbol *symbol;

	*value = (struct value){ .kind = VALUE_INTEGER, .negative = ast->negative,
				 .magnitude = ast->integer };
	switch (ast->kind) {
	case AST_INTEGER:
		return true;
	case AST_BOOLEAN:
		value->kind = VALUE_BOOLEAN;
		return true;
	case AST_FLOAT:
		value->kind = VALUE_FLOAT;
		value->text = ast->text;
		value->real = strtod(ast->text, NULL);
		return true;
	case AST_SET:
		diag_error(c->diagnostics, DIAG_VALUE_KIND, ast->where,
			   "a list of flags is not a value here");
		return false;
	case AST_NAME:
		break;
	}
	symbol = check_lookup(c, unit, &ast->path, 1 << AST_CONST, "constant");
	if (!symbol || symbol->state != SYMBOL_READY)
		return false;
	read_constant(symbol->constant, value);
	return true;
}

static const char *kind_of_value(enum value_kind kind)
{
	switch (kind) {
	case VALUE_BOOLEAN: return "a bool";
	case VALUE_INTEGER: return "an integer";
	case VALUE_FLOAT: return "a float";
	}
	return "a value";
}

static bool report_kind(struct checker *c, const struct ast_value *ast, const struct value *value,
			enum type_kind kind)
{
	struct diag *report = diag_error(c->diagnostics, DIAG_VALUE_KIND, ast->where,
					 "%s, where a value of type %s is needed",
					 kind_of_value(value->kind), value_type_name(kind));

	if (is_float(kind) && value->kind == VALUE_INTEGER && ast->kind == AST_INTEGER)
		diag_help(c->diagnostics, report, "write %s%llu.0", value->negative ? "-" : "",
			  (unsigned long long)value->magnitude);
	else if (kind == TYPE_BOOL && value->kind == VALUE_INTEGER && ast->kind == AST_INTEGER)
		diag_help(c->diagnostics, report, "a bool is true or false");
	return false;
}

static bool fit_integer(struct checker *c, const struct ast_value *ast, const struct value *value,
			enum type_kind kind, uint64_t *bits)
{
	unsigned width = 8 * layout_scalar_size(kind);
	bool is_signed = value_is_signed(kind);
	uint64_t highest = UINT64_MAX >> (64 - width + is_signed);
	uint64_t lowest = is_signed ? highest + 1 : 0;	/* magnitude of the least value */

	if (value->magnitude <= (value->negative ? lowest : highest)) {
		*bits = value->negative ? 0 - value->magnitude : value->magnitude;
		return true;
	}
	diag_error(c->diagnostics, DIAG_VALUE_RANGE, ast->where,
		   "%s%llu does not fit in %s, which goes from %s%llu to %llu",
		   value->negative ? "-" : "", (unsigned long long)value->magnitude,
		   value_type_name(kind), is_signed ? "-" : "", (unsigned long long)lowest,
		   (unsigned long long)highest);
	return false;
}

static bool is_zero_literal(const char *text)
{
	text += strspn(text, "0.");
	return *text < '1' || *text > '9';
}

static bool fit_float(struct checker *c, const struct ast_value *ast, const struct value *value,
		      enum type_kind kind, uint64_t *bits)
{
	bool is_zero = value->text ? is_zero_literal(value->text) : value->real == 0.0;
	bool is_infinite, is_lost;

	if (kind == TYPE_F32) {
		/* From the digits where there are any: by way of a double it would be rounded twice. */
		float single = value->text ? strtof(value->text, NULL) : (float)value->real;
		uint32_t narrow;

		is_infinite = isinf(single) != 0;
		is_lost = single == 0.0F && !is_zero;
		single = value->negative ? -single : single;
		memcpy(&narrow, &single, sizeof narrow);
		*bits = narrow;
	} else {
		double real = value->negative ? -value->real : value->real;

		is_infinite = isinf(real) != 0;
		is_lost = real == 0.0 && !is_zero;
		memcpy(bits, &real, sizeof *bits);
	}
	if (is_infinite || is_lost)
		diag_error(c->diagnostics, DIAG_VALUE_RANGE, ast->where,
			   "the number is too %s for %s", is_infinite ? "large" : "small",
			   value_type_name(kind));
	return !is_infinite && !is_lost;
}

bool value_fit(struct checker *c, const struct ast_value *ast, const struct value *value,
	       enum type_kind kind, uint64_t *bits)
{
	if (kind == TYPE_BOOL) {
		*bits = value->magnitude;
		return value->kind == VALUE_BOOLEAN || report_kind(c, ast, value, kind);
	}
	if (is_float(kind))
		return value->kind == VALUE_FLOAT ? fit_float(c, ast, value, kind, bits) :
						    report_kind(c, ast, value, kind);
	return value->kind == VALUE_INTEGER ? fit_integer(c, ast, value, kind, bits) :
					      report_kind(c, ast, value, kind);
}

bool value_bound(struct checker *c, struct unit *unit, const struct ast_value *ast,
		 const char *noun, uint32_t min, uint32_t max, uint32_t *bound)
{
	struct value value;

	if (!value_read(c, unit, ast, &value))
		return false;
	if (value.kind != VALUE_INTEGER) {
		diag_error(c->diagnostics, DIAG_BOUND_KIND, ast->where,
			   "%s is an integer, not %s", noun, kind_of_value(value.kind));
		return false;
	}
	if ((value.negative && value.magnitude > 0) || value.magnitude < min || value.magnitude > max) {
		diag_error(c->diagnostics, DIAG_BOUND_RANGE, ast->where, "%s is from %u to %u, not %s%llu",
			   noun, (unsigned)min, (unsigned)max, value.negative ? "-" : "",
			   (unsigned long long)value.magnitude);
		return false;
	}
	*bound = (uint32_t)value.magnitude;
	return true;
}

/* ---- defaults ---- */

static const char *nth_member(const void *names, size_t i)
{
	const struct enum_member *const *members = names;

	return members[i]->c.name;
}

static const struct enum_member *find_member(const struct checked_enum *checked, const char *name)
{
	size_t low = 0, high = checked->by_name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, checked->by_name[middle]->c.name);

		if (order == 0)
			return checked->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const struct enum_member *member_named(struct checker *c, const struct checked_enum *checked,
					      const struct ast_path *path)
{
	const struct enumeration *enumeration = &checked->enumeration;
	const struct enum_member *member = find_member(checked, path->name);
	struct diag *report;
	const char *similar;

	if (member && !path->qualifier)
		return member;
	if (checked->is_incomplete && !path->qualifier)
		return NULL;
	report = diag_error(c->diagnostics, DIAG_UNKNOWN_MEMBER, path->where,
			    "'%s%s%s' is no member of '%s'", path->qualifier ? path->qualifier : "",
			    path->qualifier ? "." : "", path->name, enumeration->c.name);
	diag_note(c->diagnostics, report, enumeration->c.where, "declared here");
	if (member) {
		diag_help(c->diagnostics, report, "a default names the member alone: '%s'", path->name);
		return NULL;
	}
	similar = check_suggest(c, path->name, nth_member, checked->by_name, checked->by_name_count);
	if (similar)
		diag_help(c->diagnostics, report, "did you mean '%s'?", similar);
	return NULL;
}

static bool default_flags(struct checker *c, const struct checked_enum *checked,
			  const struct ast_value *ast, uint64_t *bits)
{
	bool is_good = true;

	*bits = 0;
	if (ast->kind == AST_INTEGER && ast->integer == 0 && !ast->negative)
		return true;
	if (ast->kind != AST_SET) {
		struct diag *report = diag_error(c->diagnostics, DIAG_VALUE_KIND, ast->where,
						 "the default of flags is a list of members, or 0");

		if (ast->kind == AST_NAME && !ast->path.qualifier && find_member(checked, ast->path.name))
			diag_help(c->diagnostics, report, "write [%s]", ast->path.name);
		return false;
	}
	for (const struct ast_value *name = ast->elements; name; name = name->next) {
		const struct enum_member *member = member_named(c, checked, &name->path);

		if (!member) {
			is_good = false;
			continue;
		}
		if (*bits >> member->value & 1) {
			diag_error(c->diagnostics, DIAG_REPEATED_FLAG, name->where,
				   "'%s' is already in the list", name->path.name);
			is_good = false;
		}
		*bits |= (uint64_t)1 << member->value;
	}
	return is_good;
}

bool value_default(struct checker *c, struct unit *unit, const struct type *type,
		   const struct ast_value *ast, uint64_t *bits)
{
	struct value value;

	if (type->kind == TYPE_FLAGS || type->kind == TYPE_ENUM) {
		const struct checked_enum *checked = (const struct checked_enum *)type->enumeration;
		const struct enum_member *member;

		if (type->kind == TYPE_FLAGS)
			return default_flags(c, checked, ast, bits);
		if (ast->kind != AST_NAME) {
			diag_error(c->diagnostics, DIAG_VALUE_KIND, ast->where,
				   "the default of an enum is the name of one of its members");
			return false;
		}
		member = member_named(c, checked, &ast->path);
		if (member)
			*bits = member->value;
		return member != NULL;
	}
	return value_read(c, unit, ast, &value) && value_fit(c, ast, &value, type->kind, bits);
}

/* ---- constants ---- */

static void finish_constant(struct checker *c, struct unit *unit, struct symbol *symbol)
{
	const struct ast_type *type = symbol->ast->type;
	struct constant *constant = symbol->constant;
	struct value value;

	symbol->state = SYMBOL_BROKEN;
	if (type->kind != AST_BUILTIN || type->shape != SHAPE_ONE || type->optional.source) {
		diag_error(c->diagnostics, DIAG_CONSTANT_TYPE, type->where,
			   "a constant is a bool, an integer or a float");
		return;
	}
	constant->type = (struct type){ .kind = type->builtin, .min = 1, .max = 1 };
	layout_type(&constant->type);
	if (value_read(c, unit, symbol->ast->value, &value) &&
	    value_fit(c, symbol->ast->value, &value, type->builtin, &constant->bits))
		symbol->state = SYMBOL_READY;
}

/* The constant of the same library that a constant takes its value from, or NULL. */
static struct symbol *source_of_constant(struct unit *unit, const struct symbol *symbol)
{
	const struct ast_value *value = symbol->ast->value;
	struct symbol *source = value->kind == AST_NAME ? check_find(unit, &value->path) : NULL;

	return source && source->unit == unit && source->ast->kind == AST_CONST ? source : NULL;
}

static void report_constant_cycle(struct checker *c, struct unit *unit, struct symbol *start)
{
	enum { MAX_NOTES = 8 };
	struct diag *report = diag_error(c->diagnostics, DIAG_CONSTANT_CYCLE, start->ast->name.where,
					 "the value of '%s' depends on itself", start->name);
	struct symbol *symbol = start;
	unsigned notes = 0;

	do {
		struct symbol *source = source_of_constant(unit, symbol);

		symbol->state = SYMBOL_BROKEN;
		if (notes++ < MAX_NOTES)
			diag_note(c->diagnostics, report, symbol->ast->value->where,
				  "'%s' takes its value from '%s'", symbol->name, source->name);
		symbol = source;
	} while (symbol != start);
}

void check_constants(struct checker *c, struct unit *unit)
{
	struct symbol **chain = arena_array(c->arena, unit->symbol_count, sizeof *chain);

	for (size_t i = 0; i < unit->symbol_count; i++) {
		struct symbol *symbol = &unit->symbols[i];
		size_t length = 0;

		if (symbol->ast->kind != AST_CONST)
			continue;
		while (symbol && symbol->state == SYMBOL_NEW) {
			symbol->state = SYMBOL_BUSY;
			chain[length++] = symbol;
			symbol = source_of_constant(unit, symbol);
		}
		if (symbol && symbol->state == SYMBOL_BUSY)
			report_constant_cycle(c, unit, symbol);
		while (length-- > 0) {
			if (chain[length]->state == SYMBOL_BUSY)
				finish_constant(c, unit, chain[length]);
		}
	}
}
