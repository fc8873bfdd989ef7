-- For the test: the project's cases, judged inside of HAProxy.
local answer = require "cases"
core.register_service("cases", "http", function(applet)
    local answers = {}
    for line in applet:receive():gmatch "[^\n]+" do
        answers[#answers + 1] = answer(line) .. "\n"
    end
    applet:set_status(200)
    applet:start_response()
    applet:send(table.concat(answers))
end)
