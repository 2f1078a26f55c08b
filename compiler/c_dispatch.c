/*
 * NAME.link.h and NAME.link.c: an interface's table of functions, its dispatch table, the stubs that
 * a client calls and the replies that a server sends.
 */
#include "c_backend.h"

#include "idl/arena.h"

static void each_interface(struct backend *b, void (*each)(struct backend *b,
							     const struct interface *interface))
{
	size_t i;

	for (i = 0; i < b->library->declaration_count; i++)
		if (b->library->declarations[i].kind == DECL_INTERFACE)
			each(b, b->library->declarations[i].interface);
}

/* ---- the header ---- */

static void emit_ops(struct backend *b, const struct interface *interface)
{
	const char *name = c_interface(b->names, interface);
	size_t i;

	emit_comment(b->out, "", arena_printf(b->arena,
		"What serves %s: a function for each command, NULL for those that it lacks.\n"
		"`self` is the end point's own pointer. A request, and what it points to, is there\n"
		"until the function returns, or after lwl_call_hold until the call ends.",
		interface->c.name), NULL);
	emit(b->out, "struct $name$_ops {\n", "name", name, NULL);
	for (i = 0; i < interface->command_count; i++) {
		const struct command *command = &interface->commands[i];

		emit(b->out, "\tvoid (*$member$)(void *self, struct lwl_call *call, "
			     "const struct $request$ *$what$);\n",
		     "member", c_member(b->names, command->c.name),
		     "request", c_group(b->names, command->request),
		     "what", command->is_oneway ? "msg" : "req", NULL);
	}
	for (i = 0; i < interface->use_count; i++)
		emit(b->out, "\tconst struct $used$_ops *$used$;\n",
		     "used", c_interface(b->names, interface->uses[i]), NULL);
	if (interface->command_count == 0 && interface->use_count == 0)
		emit_text(b->out, "\tchar lwl_none;\t\t\t/* it has no commands */\n");
	emit(b->out, "};\n\nextern const struct lwl_interface $name$_interface;\n\n", "name", name, NULL);
}

static void emit_command_prototypes(struct backend *b, const struct command *command)
{
	const char *name = c_command(b->names, command);
	const char *interface = c_interface(b->names, command->interface);

	if (command->is_oneway) {
		emit(b->out,
		     "int $name$(struct lwl_link *link, struct $interface$ to, "
		     "const struct $name$_msg *msg);\n\n",
		     "name", name, "interface", interface, NULL);
		return;
	}
	emit(b->out,
	     "typedef void $name$_done(void *ctx, int status, const struct $name$_rsp *rsp, "
	     "struct lwl_reply *reply);\n"
	     "int $name$(struct lwl_link *link, struct $interface$ to, const struct $name$_req *req, "
	     "$name$_done *done, void *ctx);\n"
	     "int $name$_wait(struct lwl_link *link, struct $interface$ to, "
	     "const struct $name$_req *req, struct $name$_rsp *rsp, void *buf, size_t size, "
	     "struct lwl_error *err);\n"
	     "int $name$_reply(struct lwl_call *call, const struct $name$_rsp *rsp);\n\n",
	     "name", name, "interface", interface, NULL);
}

static void emit_interface_header(struct backend *b, const struct interface *interface)
{
	size_t i;

	emit(b->out, "/* ---- $interface$ ---- */\n\n", "interface", interface->c.name, NULL);
	emit_ops(b, interface);
	for (i = 0; i < interface->command_count; i++)
		emit_command_prototypes(b, &interface->commands[i]);
}

static const char usage[] =
	"For each command X:\n"
	"\n"
	"X() sends the request and returns at once: 0, and then `done` is called exactly once, or an\n"
	"error, and `done` is never called. `status` is 0, and `rsp` and what it points to are there\n"
	"until `done` returns; or it is negative and rsp is NULL: lwl_reply_error(reply) says more. A\n"
	"one-way has no answer. Errors at once: those of the encoder and of lwl_call_begin in\n"
	"<lwlink/link.h>.\n"
	"\n"
	"X_wait() sends, runs the link until the answer is there, and decodes it into `rsp`, which points\n"
	"into the `size` bytes at `buf`; X_RSP_MAX bytes are enough for any. Blocks. For tools.\n"
	"\n"
	"X_reply() answers a call, from the server's function or later, from anywhere, and ends it. What\n"
	"cannot be encoded is an error, which the peer gets instead.";

void c_dispatch_emit_header(struct backend *b)
{
	const char *guard = c_guard(b, "LINK");
	const char *stem = c_file_stem(b->arena, b->library);
	size_t i;

	c_banner(b, arena_printf(b->arena, "%s, version %u: the commands.", b->library->c.name,
				 b->library->version));
	emit(b->out,
	     "#ifndef $guard$\n#define $guard$\n\n#include <lwlink/link.h>\n\n#include \"$stem$.lwl.h\"\n",
	     "guard", guard, "stem", stem, NULL);
	for (i = 0; i < b->library->import_count; i++)
		if (c_has_interfaces(b->library->imports[i]))
			emit(b->out, "#include \"$stem$.link.h\"\n",
			     "stem", c_file_stem(b->arena, b->library->imports[i]), NULL);
	emit_text(b->out, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
	emit_comment(b->out, "", usage, NULL);
	emit_text(b->out, "\n");
	each_interface(b, emit_interface_header);
	emit_text(b->out, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
}

/* ---- the source ---- */

static void emit_run(struct backend *b, const struct command *command)
{
	emit(b->out,
	     "static int run_$name$(const void *ops, void *self, struct lwl_call *call, "
	     "const void *msg, size_t len, struct lwl_error *err)\n"
	     "{\n"
	     "\tconst struct $interface$_ops *table = ops;\n"
	     "\tstruct $request$ req;\n"
	     "\tint status;\n\n"
	     "\tif (table == NULL || table->$member$ == NULL)\n"
	     "\t\treturn -LWL_EUNKNOWN;\n"
	     "\tstatus = $request$_decode(&req, msg, len, err);\n"
	     "\tif (status == 0)\n"
	     "\t\ttable->$member$(self, call, &req);\n"
	     "\treturn status;\n"
	     "}\n\n",
	     "name", c_command(b->names, command),
	     "interface", c_interface(b->names, command->interface),
	     "request", c_group(b->names, command->request),
	     "member", c_member(b->names, command->c.name), NULL);
}

/* Every `use` in the closure; returns how many. */
static unsigned emit_uses(struct backend *b, const struct interface *interface)
{
	unsigned count = 0;
	size_t from, to, i;

	if (interface->use_count > 0)
		emit(b->out, "static const struct lwl_use $name$_uses[] = {\n",
		     "name", c_interface(b->names, interface), NULL);
	for (from = 0; from < interface->closure_count; from++) {
		const struct interface *user = interface->closure[from];

		for (i = 0; i < user->use_count; i++) {
			for (to = 0; interface->closure[to] != user->uses[i]; to++)
				;
			emit(b->out,
			     "\t{\n"
			     "\t\t.interface = &$used$_interface,\n"
			     "\t\t.ops_offset = offsetof(struct $user$_ops, $used$),\n"
			     "\t\t.from = $from$,\n"
			     "\t\t.to = $to$,\n"
			     "\t},\n",
			     "used", c_interface(b->names, user->uses[i]),
			     "user", c_interface(b->names, user),
			     "from", arena_printf(b->arena, "%u", (unsigned)from),
			     "to", arena_printf(b->arena, "%u", (unsigned)to), NULL);
			count++;
		}
	}
	if (interface->use_count > 0)
		emit_text(b->out, "};\n\n");
	return count;
}

static void emit_table(struct backend *b, const struct interface *interface)
{
	const char *name = c_interface(b->names, interface);
	uint32_t count = 0;
	unsigned uses;
	size_t i;

	for (i = 0; i < interface->command_count; i++)
		emit_run(b, &interface->commands[i]);
	if (interface->command_count > 0) {
		count = interface->commands[interface->command_count - 1].number + 1u;
		emit(b->out, "static const struct lwl_command $name$_commands[] = {\n", "name", name, NULL);
	}
	for (i = 0; i < interface->command_count; i++) {
		const struct command *command = &interface->commands[i];
		const char *upper = c_upper(b->names, c_command(b->names, command));

		emit(b->out,
		     "\t[$number$] = {\n"
		     "\t\t.name = \"$command$\",\n"
		     "\t\t.run = run_$name$,\n"
		     "\t\t.request_max = $NAME$_$KIND$_MAX,\n"
		     "$response$"
		     "\t\t.command = $NAME$,\n"
		     "$oneway$$safe$"
		     "\t},\n",
		     "number", arena_printf(b->arena, "%u", command->number),
		     "command", command->c.name, "name", c_command(b->names, command), "NAME", upper,
		     "KIND", command->is_oneway ? "MSG" : "REQ",
		     "response", command->is_oneway ? ""
			: arena_printf(b->arena, "\t\t.response_max = %s_RSP_MAX,\n", upper),
		     "oneway", command->is_oneway ? "\t\t.oneway = true,\n" : "",
		     "safe", command->is_replay_safe ? "\t\t.replay_safe = true,\n" : "", NULL);
	}
	if (interface->command_count > 0)
		emit_text(b->out, "};\n\n");
	uses = emit_uses(b, interface);
	emit(b->out,
	     "const struct lwl_interface $name$_interface = {\n"
	     "\t.name = \"$library$.$interface$\",\n"
	     "\t.version = $version$,\n"
	     "\t.id = $NAME$_ID,\n",
	     "name", name, "NAME", c_upper(b->names, name), "library", b->library->c.name,
	     "interface", interface->c.name,
	     "version", arena_printf(b->arena, "%u", b->library->version), NULL);
	if (count > 0)
		emit(b->out, "\t.commands = $name$_commands,\n\t.command_count = $count$,\n",
		     "name", name, "count", arena_printf(b->arena, "%u", count), NULL);
	if (interface->use_count > 0)
		emit(b->out, "\t.uses = $name$_uses,\n\t.use_count = $count$,\n", "name", name,
		     "count", arena_printf(b->arena, "%u", uses), NULL);
	emit_text(b->out, "};\n\n");
}

static void emit_oneway_stub(struct backend *b, const struct command *command)
{
	emit(b->out,
	     "int $name$(struct lwl_link *link, struct $interface$ to, const struct $name$_msg *msg)\n"
	     "{\n"
	     "\tstruct lwl_writer *w;\n"
	     "\tint status = lwl_call_begin(link, to.id, &$interface$_commands[$number$], &w);\n\n"
	     "\treturn status == 0 ? lwl_oneway_commit(link, $name$_msg_encode(w, msg)) : status;\n"
	     "}\n\n",
	     "name", c_command(b->names, command),
	     "interface", c_interface(b->names, command->interface),
	     "number", arena_printf(b->arena, "%u", command->number), NULL);
}

static void emit_stubs(struct backend *b, const struct command *command)
{
	const char *name = c_command(b->names, command);
	const char *interface = c_interface(b->names, command->interface);
	const char *number = arena_printf(b->arena, "%u", command->number);

	emit(b->out,
	     "static void answer_$name$(int status, const void *msg, size_t len, "
	     "struct lwl_reply *reply, lwl_done_fn *done, void *ctx)\n"
	     "{\n"
	     "\tstruct $name$_rsp rsp;\n\n"
	     "\tif (status == 0)\n"
	     "\t\tstatus = $name$_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));\n"
	     "\t(($name$_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);\n"
	     "}\n\n", "name", name, NULL);
	emit(b->out,
	     "int $name$(struct lwl_link *link, struct $interface$ to, const struct $name$_req *req, "
	     "$name$_done *done, void *ctx)\n"
	     "{\n"
	     "\tstruct lwl_writer *w;\n"
	     "\tint status = lwl_call_begin(link, to.id, &$interface$_commands[$number$], &w);\n\n"
	     "\tif (status != 0)\n"
	     "\t\treturn status;\n"
	     "\treturn lwl_call_commit(link, $name$_req_encode(w, req), answer_$name$, "
	     "(lwl_done_fn *)done, ctx);\n"
	     "}\n\n"
	     "int $name$_wait(struct lwl_link *link, struct $interface$ to, "
	     "const struct $name$_req *req, struct $name$_rsp *rsp, void *buf, size_t size, "
	     "struct lwl_error *err)\n"
	     "{\n"
	     "\tstruct lwl_writer *w;\n"
	     "\tsize_t len;\n"
	     "\tint status = lwl_call_begin(link, to.id, &$interface$_commands[$number$], &w);\n\n"
	     "\tif (status == 0)\n"
	     "\t\tstatus = lwl_call_wait(link, $name$_req_encode(w, req), buf, size, &len);\n"
	     "\treturn status == 0 ? $name$_rsp_decode(rsp, buf, len, err) : status;\n"
	     "}\n\n",
	     "name", name, "interface", interface, "number", number, NULL);
	emit(b->out,
	     "int $name$_reply(struct lwl_call *call, const struct $name$_rsp *rsp)\n"
	     "{\n"
	     "\tstruct lwl_writer *w;\n"
	     "\tint status = lwl_reply_begin(call, &w);\n\n"
	     "\treturn status == 0 ? lwl_reply_commit(call, $name$_rsp_encode(w, rsp)) : status;\n"
	     "}\n\n", "name", name, NULL);
}

static void emit_interface_source(struct backend *b, const struct interface *interface)
{
	size_t i;

	emit(b->out, "/* ---- $interface$ ---- */\n\n", "interface", interface->c.name, NULL);
	emit_table(b, interface);
	for (i = 0; i < interface->command_count; i++) {
		if (interface->commands[i].is_oneway)
			emit_oneway_stub(b, &interface->commands[i]);
		else
			emit_stubs(b, &interface->commands[i]);
	}
}

void c_dispatch_emit_source(struct backend *b)
{
	c_banner(b, arena_printf(b->arena, "%s, version %u: dispatch tables, stubs and replies.",
				 b->library->c.name, b->library->version));
	emit(b->out, "#include \"$stem$.link.h\"\n\n", "stem", c_file_stem(b->arena, b->library), NULL);
	each_interface(b, emit_interface_source);
}
