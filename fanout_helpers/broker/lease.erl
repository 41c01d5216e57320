%% Evaluated by the node itself before RabbitMQ boots (file:script/1, see configuration.py): the node ends with its last holder.
%%
%% Standard input is the read end of the FIFO "lease" in the node's directory. Every holder keeps the write end open,
%% so end-of-file says that the last holder is gone, however it died.

%% First of all: every erl that RabbitMQ starts would inherit this and end as well. What they get instead keeps them
%% from the network: after a minute RabbitMQ misses an epmd, and starts an erl to have one, on every address.
os:putenv("ERL_AFLAGS", os:getenv("FANOUT_OFFLINE_FLAGS")),

Directory = os:getenv("FANOUT_NODE_DIRECTORY"),
Grace = list_to_integer(os:getenv("FANOUT_NODE_GRACE")),
Refreshment = list_to_integer(os:getenv("FANOUT_NODE_REFRESHMENT")),
Lease = filename:join(Directory, "lease"),
Closing = Lease ++ ".closing",

%% The directory goes after the node is gone, whatever ended the node: this shell outlives it, and reads end-of-file then.
%% The directory around it goes too if it is empty: the lock that is taken on it allows for that (private.py).
spawn(fun() ->
    Remove = "while read -r line; do :; done; rm -rf -- \"$0\"; rmdir -- \"${0%/*}\" 2>/dev/null",
    open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", Remove, Directory]}]),
    receive never -> ok end
end),

NoHolder = fun(Timeout) ->
    Port = open_port({fd, 0, 0}, [in, eof]),
    Ended = receive {Port, eof} -> true after Timeout -> false end,
    port_close(Port),
    Ended
end,

%% Who opens the lease before it is renamed is seen by the second look; who comes later finds no lease and starts afresh.
Watch = fun Watch() ->
    NoHolder(infinity),
    timer:sleep(Grace),
    file:rename(Lease, Closing),
    case NoHolder(100) orelse file:rename(Closing, Lease) of
        ok -> Watch();
        _ -> erlang:halt(0, [{flush, false}])
    end
end,
spawn(Watch),

%% Files that nobody uses for days are swept from a directory for temporary files (systemd-tmpfiles): so all are touched.
%% What else deletes a file of the two by which the node is found: the description is written again; without its lease
%% nobody could find or hold this node, so it ends.
Ready = filename:join(Directory, "node.json"),
Refresh = "touch -c \"${0%/*}\"; exec find \"$0\" -exec touch -ch {} +",
Second = 1000,

Described = fun(Known) ->
    case {file:read_file(Ready), Known} of
        {{ok, Text}, _} -> Text;
        {{error, enoent}, <<_, _/binary>>} -> file:write_file(Ready, Known), Known;
        _ -> Known
    end
end,
%% It has one of its two names; it may get its first one back between the first two looks.
Leased = fun() -> lists:any(fun(Name) -> element(1, file:read_link_info(Name)) =:= ok end, [Lease, Closing, Lease]) end,

Keep = fun Keep(Known, Elapsed) ->
    timer:sleep(Second),
    Leased() orelse erlang:halt(0, [{flush, false}]),
    case Elapsed >= Refreshment of
        true -> open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", Refresh, Directory]}]);
        false -> ok
    end,
    Keep(Described(Known), case Elapsed >= Refreshment of true -> 0; false -> Elapsed + Second end)
end,
spawn(fun() -> Keep(<<>>, 0) end).
