# root-program.ts puts the parts of a program together
    function fail(why) { refused = why; exit }
    function whole(text, most) { return length(text) <= most && text ~ /^[1-9][0-9]*$/ }
    function in_form(name, value) {
      if (name == "tcp-oncall change") return value == "2"
      if (name == "change") return value "" == id ""
      if (name == "kind") return value == "@KIND@"
      if (name == "gate") return value == gate
      if (name == "risk") return value ~ /^(low|medium|high)$/
      if (name == "break-glass") return value ~ /^(yes|no)$/
      if (name == "expires") return value == "-" || whole(value, 11)
      if (name == "netns") return value == "-" || whole(value, 20)
      if (name == "hostkey") return value == "-" || (length(value) == 50 && value ~ /^SHA256:[A-Za-z0-9+\/]+$/)
      return length(value) <= 256 && value ~ /^[^\001-\037\177]+$/
    }
