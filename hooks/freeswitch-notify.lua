-- lua freeswitch-notify.lua PROFILE USER HOST CALL-ID EVENT ACTION STAMP
-- Has mod_sofia send a NOTIFY to one registration (doc/protocols/reset.md, sections 1 and 2).
local profile, user, host, call_id, name, action, stamp =
    argv[1], argv[2], argv[3], argv[4], argv[5], argv[6], argv[7]
local zeros = "0000000000000000"

local event = freeswitch.Event("NOTIFY")
event:addHeader("profile", profile)
event:addHeader("user", user)
event:addHeader("host", host)
event:addHeader("call-id", call_id)
event:addHeader("event-string", name)
event:addHeader("content-type", "text/plain")
if name == "service-control" then
	event:addBody("action=" .. action .. "\r\n" ..
	    "RegisterCallId={" .. call_id .. "}\r\n" ..
	    "ConfigVersionStamp={" .. stamp .. "}\r\n" ..
	    "DialplanVersionStamp={" .. zeros .. "}\r\n" ..
	    "SoftkeyVersionStamp={" .. zeros .. "}\r\n")
end
event:fire()
stream:write("+OK\n")
