# fish completion for 'dissect'
function _dissect_at --description 'Tell whether this verb, and a place after it, is being completed'
    set -l verb ''
    set -l left 0
    set -l place 0
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if string match -qr -- '^-.' $word
            set left 0
            switch "$verb $word"
                case 'show -T'; set left 1
                case 'show --path'; set left 1
                case 'show -t'; set left 1
                case 'show -c'; set left 1
                case 'show -Y'; set left 1
                case 'show -d'; set left 1
                case 'show --color'; set left 1
                case 'list -T'; set left 1
                case 'list -e'; set left 1
                case 'list -t'; set left 1
                case 'list -c'; set left 1
                case 'list -Y'; set left 1
                case 'list -d'; set left 1
                case 'list --color'; set left 1
                case 'associations -T'; set left 1
                case 'associations -t'; set left 1
                case 'associations -Y'; set left 1
                case 'associations -d'; set left 1
                case 'associations --color'; set left 1
                case 'check -Y'; set left 1
                case 'check -d'; set left 1
                case 'check --color'; set left 1
                case 'check -T'; set left 1
                case 'check --severity'; set left 1
                case 'check --only'; set left 1
                case 'check --ignore'; set left 1
                case 'check --fail-on'; set left 1
                case 'check --artim'; set left 1
                case 'stats -T'; set left 1
                case 'stats -Y'; set left 1
                case 'stats -d'; set left 1
                case 'stats --color'; set left 1
                case 'ladder -T'; set left 1
                case 'ladder -t'; set left 1
                case 'ladder -Y'; set left 1
                case 'ladder -d'; set left 1
                case 'export --to'; set left 1
                case 'export -w'; set left 1
                case 'export -Y'; set left 1
                case 'export -d'; set left 1
                case 'diff -T'; set left 1
                case 'diff --ignore'; set left 1
                case 'diff --config'; set left 1
                case 'diff -d'; set left 1
                case 'diff --only'; set left 1
                case 'diff --profile'; set left 1
                case 'diff --fail-on'; set left 1
                case 'diff --pair'; set left 1
                case 'diff --timing'; set left 1
                case 'diff --junit'; set left 1
                case 'diff --color'; set left 1
                case 'snapshot --ignore'; set left 1
                case 'snapshot --config'; set left 1
                case 'snapshot -d'; set left 1
                case 'browse --theme'; set left 1
                case 'browse --against'; set left 1
                case 'browse --config'; set left 1
                case 'browse -Y'; set left 1
                case 'browse -d'; set left 1
                case 'rules -T'; set left 1
            end
        else if test $left -gt 0
            set left (math $left - 1)
        else
            set place (math $place + 1)
            switch "$verb $word"
                case ' show'; set verb $word; set place 0
                case ' list'; set verb $word; set place 0
                case ' associations'; set verb $word; set place 0
                case ' check'; set verb $word; set place 0
                case ' stats'; set verb $word; set place 0
                case ' ladder'; set verb $word; set place 0
                case ' export'; set verb $word; set place 0
                case ' diff'; set verb $word; set place 0
                case ' snapshot'; set verb $word; set place 0
                case ' browse'; set verb $word; set place 0
                case ' rules'; set verb $word; set place 0
                case ' fields'; set verb $word; set place 0
                case ' schema'; set verb $word; set place 0
                case ' completion'; set verb $word; set place 0
            end
        end
    end
    test "$verb" = "$argv[1]"; and begin
        not set -q argv[2]; or test $left -eq 0 -a $place $argv[2] $argv[3]
    end
end
complete -c 'dissect' -f
complete -c 'dissect' -n '_dissect_at \'\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'\'' -l 'version' -d 'show program\'s version number and exit'
complete -c 'dissect' -n '_dissect_at \'\' -eq 0' -x -a '\'show	print the tree of each PDU, laid out as Wireshark\\\'s\' \'list	print a line for each PDU\' \'associations	print a line for each association, and why contexts were refused\' \'check	print which rules of DICOM are broken, where, by whom, and what to try\' \'stats	print counts, failures, response times, throughput\' \'ladder	draw who sent what to whom as a ladder diagram\' \'export	write the stored objects as DICOM files, with a manifest, or frames as a smaller capture\' \'diff	print what differs in meaning between two captures or snapshots\' \'snapshot	print what was said in a capture as a text that a later capture can be compared with\' \'browse	look through a capture on the terminal\' \'rules	print the rules that captures are checked for\' \'fields	print what -Y and -e may ask for, and the language of -Y\' \'schema	print the JSON Schema of a machine output\' \'completion	print a script that lets a shell complete commands\''
complete -c 'dissect' -n '_dissect_at \'show\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'show\'' -s 'T' -x -a '\'tree\' \'json\' \'jsonl\'' -d 'the form of the output (default: tree)'
complete -c 'dissect' -n '_dissect_at \'show\'' -s 'x' -d 'print the bytes below each tree'
complete -c 'dissect' -n '_dissect_at \'show\'' -l 'path' -x -d 'print only what has this path, such as association.1/p-data-tf.7/pdv.1; * stands for any component'
complete -c 'dissect' -n '_dissect_at \'show\'' -l 'full' -d 'print values and lines whole'
complete -c 'dissect' -n '_dissect_at \'show\'' -l 'reveal' -d 'print passcodes as they are'
complete -c 'dissect' -n '_dissect_at \'show\'' -s 't' -x -a '\'r\' \'d\' \'dd\' \'a\' \'ad\' \'u\' \'ud\' \'e\'' -d 'how times are told; r: seconds since the first frame, d: since the PDU before, dd: since the PDU printed before, a: local time, ad: with its date, u: UTC, ud: with its date, e: seconds since the epoch (default: r)'
complete -c 'dissect' -n '_dissect_at \'show\'' -s 'c' -x -d 'stop after N PDUs are printed'
complete -c 'dissect' -n '_dissect_at \'show\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'show\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'show\'' -l 'color' -x -a '\'auto\' \'always\' \'never\'' -d 'whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set'
complete -c 'dissect' -n '_dissect_at \'show\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 'T' -x -a '\'text\' \'csv\' \'jsonl\' \'fields\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 'e' -x -d 'print the values of this field, element or path; repeat -e for more (default of -T is then fields: lines whose columns tabs separate)'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 't' -x -a '\'r\' \'d\' \'dd\' \'a\' \'ad\' \'u\' \'ud\' \'e\'' -d 'how times are told; r: seconds since the first frame, d: since the PDU before, dd: since the PDU printed before, a: local time, ad: with its date, u: UTC, ud: with its date, e: seconds since the epoch (default: r, in CSV e)'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 'c' -x -d 'stop after N PDUs are printed'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'list\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'list\'' -l 'color' -x -a '\'auto\' \'always\' \'never\'' -d 'whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set'
complete -c 'dissect' -n '_dissect_at \'list\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'associations\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'associations\'' -s 'T' -x -a '\'text\' \'csv\' \'jsonl\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'associations\'' -s 'V' -d 'print all that is known of each'
complete -c 'dissect' -n '_dissect_at \'associations\'' -s 't' -x -a '\'r\' \'d\' \'dd\' \'a\' \'ad\' \'u\' \'ud\' \'e\'' -d 'how times are told; r: seconds since the first frame, d: since the PDU before, dd: since the PDU printed before, a: local time, ad: with its date, u: UTC, ud: with its date, e: seconds since the epoch (default: r)'
complete -c 'dissect' -n '_dissect_at \'associations\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'associations\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'associations\'' -l 'color' -x -a '\'auto\' \'always\' \'never\'' -d 'whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set'
complete -c 'dissect' -n '_dissect_at \'associations\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'check\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'check\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'check\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'color' -x -a '\'auto\' \'always\' \'never\'' -d 'whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set'
complete -c 'dissect' -n '_dissect_at \'check\'' -s 'T' -x -a '\'text\' \'jsonl\' \'junit\' \'github\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'severity' -x -a '\'error\' \'warning\' \'remark\'' -d 'print only what is at least this bad (default: remark)'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'only' -x -a '\'connection-late\' \'connection-open\' \'connection-reset\' \'connection-gap\' \'connection-differs\' \'late-copy\' \'sent-again\' \'urgent-data\' \'window-shut\' \'ack-delayed\' \'association-second\' \'first-not-request\' \'acceptor-first\' \'answer-unasked\' \'pdu-before-accept\' \'pdu-after-release\' \'pdu-after-end\' \'release-unasked\' \'release-unanswered\' \'release-collision\' \'release-order\' \'release-early\' \'closed-without-release\' \'request-late\' \'not-closed\' \'closed-by-other\' \'error-not-aborted\' \'pdu-truncated\' \'port-unusual\' \'request-unanswered\' \'aborted-at-once\' \'abort-explained\' \'abort-contradicts\' \'abort-source\' \'abort-reason\' \'abort-reason-set\' \'reject-reason\' \'reject-explained\' \'reject-contradicts\' \'rejected-transient\' \'ae-title-alike\' \'rejected-although\' \'context-declined\' \'class-split\' \'not-a-pdu\' \'pdu-type\' \'pdu-length\' \'undecoded\' \'item-overrun\' \'field-cut\' \'unknown-item\' \'unknown-code\' \'reserved-bytes\' \'item-misplaced\' \'item-repeated\' \'protocol-version\' \'ae-title\' \'ae-title-style\' \'no-application-context\' \'application-context\' \'no-user-information\' \'uid-form\' \'uid-padded\' \'syntax-unknown\' \'no-contexts\' \'context-id\' \'context-id-repeated\' \'too-many-contexts\' \'abstract-syntax-count\' \'no-transfer-syntax\' \'transfer-syntax-repeated\' \'context-repeated\' \'no-default-syntax\' \'request-large\' \'no-maximum-length\' \'maximum-length-none\' \'maximum-length-odd\' \'no-implementation-uid\' \'version-name\' \'async-unasked\' \'async-exceeds\' \'role-repeated\' \'role-value\' \'role-none\' \'role-stray\' \'role-unasked\' \'role-exceeds\' \'role-unanswered\' \'extended-repeated\' \'extended-stray\' \'extended-unasked\' \'common-extended\' \'common-extended-version\' \'identity-type\' \'identity-form\' \'identity-unasked\' \'identity-response\' \'identity-unanswered\' \'passcode-clear\' \'titles-changed\' \'result-absent\' \'result-unasked\' \'result-code\' \'result-syntax\' \'nothing-accepted\' \'reserved-bits\' \'pdv-length\' \'pdv-odd\' \'no-pdv\' \'context-unknown\' \'context-refused\' \'context-unnamed\' \'context-rejected\' \'data-without-command\' \'command-incomplete\' \'message-incomplete\' \'pdu-too-long\' \'pdu-huge\' \'interleaved\' \'context-changed\' \'data-unannounced\' \'data-absent\' \'message-unfinished\' \'pdu-mixed\' \'command-and-data\' \'pdvs-split\' \'pdus-small\' \'pdv-empty\' \'command-syntax\' \'command-order\' \'command-repeated\' \'command-length\' \'command-values\' \'command-element\' \'command-retired\' \'command-field\' \'data-set-type-absent\' \'command-lacks\' \'command-surplus\' \'priority\' \'command-uid\' \'move-destination\' \'data-set-forbidden\' \'data-set-due\' \'status-absent\' \'status-unknown\' \'status-fields\' \'comment-length\' \'requested-affected\' \'type-id\' \'message-id-used\' \'message-id-again\' \'window\' \'cancel-stray\' \'cancel-ignored\' \'response-kind\' \'response-unasked\' \'response-after-final\' \'pending-status\' \'response-context\' \'response-class\' \'response-instance\' \'response-type\' \'response-early\' \'operation-unanswered\' \'class-context\' \'role\' \'get-role\' \'move-same-association\' \'originator\' \'created-instance\' \'operation-failed\' \'counts\' \'counts-status\' \'counts-observed\' \'instance-again\' \'step-order\' \'commitment\' \'element-overrun\' \'element-cut\' \'element-odd\' \'element-undefined\' \'element-vr\' \'item-expected\' \'not-delimited\' \'stray-delimiter\' \'value-length\' \'other-syntax\' \'not-inflated\' \'preamble-sent\' \'group-forbidden\' \'element-order\' \'element-repeated\' \'pixel-form\' \'fragment-count\' \'value-form\' \'value-more\' \'value-padded\' \'charset-unknown\' \'object-class\' \'object-instance\' \'query-level\' \'query-keys\' \'retrieve-keys\' \'query-return\' \'worklist-return\' \'stream-gap\' \'overlap-differs\' \'comment\' \'fragment-gap\' \'late-start\' \'pdu-cut\' \'too-many\' \'too-many-elements\' \'too-many-pdvs\' \'too-deep\' \'value-cut\' \'context-unseen\' \'context-unanswered\'' -d 'look only for this rule; for more, separate codes by commas or repeat --only; * stands for anything; dissect rules lists all codes'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'ignore' -x -a '\'connection-late\' \'connection-open\' \'connection-reset\' \'connection-gap\' \'connection-differs\' \'late-copy\' \'sent-again\' \'urgent-data\' \'window-shut\' \'ack-delayed\' \'association-second\' \'first-not-request\' \'acceptor-first\' \'answer-unasked\' \'pdu-before-accept\' \'pdu-after-release\' \'pdu-after-end\' \'release-unasked\' \'release-unanswered\' \'release-collision\' \'release-order\' \'release-early\' \'closed-without-release\' \'request-late\' \'not-closed\' \'closed-by-other\' \'error-not-aborted\' \'pdu-truncated\' \'port-unusual\' \'request-unanswered\' \'aborted-at-once\' \'abort-explained\' \'abort-contradicts\' \'abort-source\' \'abort-reason\' \'abort-reason-set\' \'reject-reason\' \'reject-explained\' \'reject-contradicts\' \'rejected-transient\' \'ae-title-alike\' \'rejected-although\' \'context-declined\' \'class-split\' \'not-a-pdu\' \'pdu-type\' \'pdu-length\' \'undecoded\' \'item-overrun\' \'field-cut\' \'unknown-item\' \'unknown-code\' \'reserved-bytes\' \'item-misplaced\' \'item-repeated\' \'protocol-version\' \'ae-title\' \'ae-title-style\' \'no-application-context\' \'application-context\' \'no-user-information\' \'uid-form\' \'uid-padded\' \'syntax-unknown\' \'no-contexts\' \'context-id\' \'context-id-repeated\' \'too-many-contexts\' \'abstract-syntax-count\' \'no-transfer-syntax\' \'transfer-syntax-repeated\' \'context-repeated\' \'no-default-syntax\' \'request-large\' \'no-maximum-length\' \'maximum-length-none\' \'maximum-length-odd\' \'no-implementation-uid\' \'version-name\' \'async-unasked\' \'async-exceeds\' \'role-repeated\' \'role-value\' \'role-none\' \'role-stray\' \'role-unasked\' \'role-exceeds\' \'role-unanswered\' \'extended-repeated\' \'extended-stray\' \'extended-unasked\' \'common-extended\' \'common-extended-version\' \'identity-type\' \'identity-form\' \'identity-unasked\' \'identity-response\' \'identity-unanswered\' \'passcode-clear\' \'titles-changed\' \'result-absent\' \'result-unasked\' \'result-code\' \'result-syntax\' \'nothing-accepted\' \'reserved-bits\' \'pdv-length\' \'pdv-odd\' \'no-pdv\' \'context-unknown\' \'context-refused\' \'context-unnamed\' \'context-rejected\' \'data-without-command\' \'command-incomplete\' \'message-incomplete\' \'pdu-too-long\' \'pdu-huge\' \'interleaved\' \'context-changed\' \'data-unannounced\' \'data-absent\' \'message-unfinished\' \'pdu-mixed\' \'command-and-data\' \'pdvs-split\' \'pdus-small\' \'pdv-empty\' \'command-syntax\' \'command-order\' \'command-repeated\' \'command-length\' \'command-values\' \'command-element\' \'command-retired\' \'command-field\' \'data-set-type-absent\' \'command-lacks\' \'command-surplus\' \'priority\' \'command-uid\' \'move-destination\' \'data-set-forbidden\' \'data-set-due\' \'status-absent\' \'status-unknown\' \'status-fields\' \'comment-length\' \'requested-affected\' \'type-id\' \'message-id-used\' \'message-id-again\' \'window\' \'cancel-stray\' \'cancel-ignored\' \'response-kind\' \'response-unasked\' \'response-after-final\' \'pending-status\' \'response-context\' \'response-class\' \'response-instance\' \'response-type\' \'response-early\' \'operation-unanswered\' \'class-context\' \'role\' \'get-role\' \'move-same-association\' \'originator\' \'created-instance\' \'operation-failed\' \'counts\' \'counts-status\' \'counts-observed\' \'instance-again\' \'step-order\' \'commitment\' \'element-overrun\' \'element-cut\' \'element-odd\' \'element-undefined\' \'element-vr\' \'item-expected\' \'not-delimited\' \'stray-delimiter\' \'value-length\' \'other-syntax\' \'not-inflated\' \'preamble-sent\' \'group-forbidden\' \'element-order\' \'element-repeated\' \'pixel-form\' \'fragment-count\' \'value-form\' \'value-more\' \'value-padded\' \'charset-unknown\' \'object-class\' \'object-instance\' \'query-level\' \'query-keys\' \'retrieve-keys\' \'query-return\' \'worklist-return\' \'stream-gap\' \'overlap-differs\' \'comment\' \'fragment-gap\' \'late-start\' \'pdu-cut\' \'too-many\' \'too-many-elements\' \'too-many-pdvs\' \'too-deep\' \'value-cut\' \'context-unseen\' \'context-unanswered\'' -d 'leave this rule out; for more, separate codes by commas or repeat --ignore; * stands for anything; dissect rules lists all codes'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'fail-on' -x -a '\'error\' \'warning\' \'remark\' \'never\'' -d 'the least that gives exit status 1, printed or not (default: error)'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'artim' -x -d 'how long it may take until an A-ASSOCIATE-RQ, or the close of a connection, comes (default: 30)'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'full' -d 'print up to a hundred remarks of each rule, as of errors and warnings, not only a few'
complete -c 'dissect' -n '_dissect_at \'check\'' -l 'shallow' -d 'decode no data sets: faster where they have many elements'
complete -c 'dissect' -n '_dissect_at \'check\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'stats\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'stats\'' -s 'T' -x -a '\'text\' \'json\' \'csv\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'stats\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'stats\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'stats\'' -l 'color' -x -a '\'auto\' \'always\' \'never\'' -d 'whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set'
complete -c 'dissect' -n '_dissect_at \'stats\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -s 'T' -x -a '\'text\' \'mermaid\' \'svg\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -l 'unfold' -d 'draw an arrow for each PDU, not for each message'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -l 'ascii' -d 'draw with ASCII characters alone'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -s 't' -x -a '\'r\' \'d\' \'dd\' \'a\' \'ad\' \'u\' \'ud\' \'e\'' -d 'how times are told; r: seconds since the first frame, d: since the PDU before, dd: since the PDU printed before, a: local time, ad: with its date, u: UTC, ud: with its date, e: seconds since the epoch (default: r)'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'ladder\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'ladder\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'export\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'export\'' -l 'to' -x -a '(__fish_complete_directories (commandline -ct | string replace -r "^-[^=]*=" ""))' -d 'write the objects as files into this folder, which is made if need be'
complete -c 'dissect' -n '_dissect_at \'export\'' -s 'w' -r -F -d 'write a pcapng file of the frames that carried the PDUs, and of the frames of the same connections that carried the negotiation or no payload'
complete -c 'dissect' -n '_dissect_at \'export\'' -l 'commands' -d 'write the data sets of all other messages, too: queries, matches, ...'
complete -c 'dissect' -n '_dissect_at \'export\'' -l 'json' -d 'write each data set as DICOM JSON (PS3.18), too, beside its file'
complete -c 'dissect' -n '_dissect_at \'export\'' -l 'raw' -d 'write the bytes of each command set and data set, too, beside its file'
complete -c 'dissect' -n '_dissect_at \'export\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'export\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'export\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'diff\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'diff\'' -s 'T' -x -a '\'text\' \'side-by-side\' \'jsonl\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'ignore' -x -d 'leave out what has this path (* stands for any component), tag, keyword or VR (VR:xx), is of this group (GROUP:xxxx), or is private (private)'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'mask-dates' -d 'leave out dates and times: VR:DA, VR:DT, VR:TM'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'allow-gaps' -d 'take what is there where the capture lacks bytes'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'config' -r -F -d 'take settings from the table [diff] of this file, too'
complete -c 'dissect' -n '_dissect_at \'diff\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'only' -x -d 'compare only what has this path, tag, keyword, ...'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'ignore-order' -d 'let associations, operations and responses come in any order'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'profile' -x -a '\'default\' \'strict\' \'structure\'' -d 'default: what is meant; strict: notes matter, and UIDs are compared as they stand; structure: which elements there are, statuses and negotiation, no other values'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'fail-on' -x -a '\'note\' \'change\' \'break\'' -d 'the least that gives exit status 1 (default: change)'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'pair' -x -d 'compare association N of OLD with M of NEW, whatever they look like'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'timing' -x -d 'report where responses take more than RATIO times as long'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'notes' -d 'print notes, too: implementations, maximum lengths, PDUs for each message'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'full' -d 'print values whole'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'junit' -r -F -d 'write a JUnit test report, with a test case for each operation'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'github' -d 'print differences as commands of a GitHub workflow, too'
complete -c 'dissect' -n '_dissect_at \'diff\'' -s 'q' -d 'print nothing; the exit status tells'
complete -c 'dissect' -n '_dissect_at \'diff\'' -l 'color' -x -a '\'auto\' \'always\' \'never\'' -d 'whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set'
complete -c 'dissect' -n '_dissect_at \'diff\' -eq 0' -r -F -d 'a capture, or a snapshot that dissect snapshot has printed'
complete -c 'dissect' -n '_dissect_at \'diff\' -eq 1' -r -F -d 'another capture or snapshot; - for either is standard input'
complete -c 'dissect' -n '_dissect_at \'snapshot\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'snapshot\'' -l 'ignore' -x -d 'leave out what has this path (* stands for any component), tag, keyword or VR (VR:xx), is of this group (GROUP:xxxx), or is private (private)'
complete -c 'dissect' -n '_dissect_at \'snapshot\'' -l 'mask-dates' -d 'leave out dates and times: VR:DA, VR:DT, VR:TM'
complete -c 'dissect' -n '_dissect_at \'snapshot\'' -l 'allow-gaps' -d 'take what is there where the capture lacks bytes'
complete -c 'dissect' -n '_dissect_at \'snapshot\'' -l 'config' -r -F -d 'take settings from the table [diff] of this file, too'
complete -c 'dissect' -n '_dissect_at \'snapshot\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'snapshot\' -eq 0' -r -F -d 'a capture, - for standard input'
complete -c 'dissect' -n '_dissect_at \'browse\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'browse\'' -l 'ascii' -d 'draw with ASCII characters alone'
complete -c 'dissect' -n '_dissect_at \'browse\'' -l 'theme' -x -d 'a theme, such as high-contrast, monochrome or textual-light'
complete -c 'dissect' -n '_dissect_at \'browse\'' -l 'against' -r -F -d 'begin with what differs between OLD, a capture or snapshot, and FILE'
complete -c 'dissect' -n '_dissect_at \'browse\'' -l 'config' -r -F -d 'compare by the table [diff] of this file, too, and write to it what is ignored from now on'
complete -c 'dissect' -n '_dissect_at \'browse\'' -s 'Y' -x -d 'take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations; ladder, export: their messages); dissect fields tells what a filter can ask, and how'
complete -c 'dissect' -n '_dissect_at \'browse\'' -s 'd' -x -d 'treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ'
complete -c 'dissect' -n '_dissect_at \'browse\' -ge 0' -r -F -d 'a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its end first; several files are read as one capture in order of time'
complete -c 'dissect' -n '_dissect_at \'rules\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'rules\'' -s 'T' -x -a '\'text\' \'json\' \'markdown\'' -d 'the form of the output (default: text)'
complete -c 'dissect' -n '_dissect_at \'rules\' -ge 0' -x -a '\'connection-late\' \'connection-open\' \'connection-reset\' \'connection-gap\' \'connection-differs\' \'late-copy\' \'sent-again\' \'urgent-data\' \'window-shut\' \'ack-delayed\' \'association-second\' \'first-not-request\' \'acceptor-first\' \'answer-unasked\' \'pdu-before-accept\' \'pdu-after-release\' \'pdu-after-end\' \'release-unasked\' \'release-unanswered\' \'release-collision\' \'release-order\' \'release-early\' \'closed-without-release\' \'request-late\' \'not-closed\' \'closed-by-other\' \'error-not-aborted\' \'pdu-truncated\' \'port-unusual\' \'request-unanswered\' \'aborted-at-once\' \'abort-explained\' \'abort-contradicts\' \'abort-source\' \'abort-reason\' \'abort-reason-set\' \'reject-reason\' \'reject-explained\' \'reject-contradicts\' \'rejected-transient\' \'ae-title-alike\' \'rejected-although\' \'context-declined\' \'class-split\' \'not-a-pdu\' \'pdu-type\' \'pdu-length\' \'undecoded\' \'item-overrun\' \'field-cut\' \'unknown-item\' \'unknown-code\' \'reserved-bytes\' \'item-misplaced\' \'item-repeated\' \'protocol-version\' \'ae-title\' \'ae-title-style\' \'no-application-context\' \'application-context\' \'no-user-information\' \'uid-form\' \'uid-padded\' \'syntax-unknown\' \'no-contexts\' \'context-id\' \'context-id-repeated\' \'too-many-contexts\' \'abstract-syntax-count\' \'no-transfer-syntax\' \'transfer-syntax-repeated\' \'context-repeated\' \'no-default-syntax\' \'request-large\' \'no-maximum-length\' \'maximum-length-none\' \'maximum-length-odd\' \'no-implementation-uid\' \'version-name\' \'async-unasked\' \'async-exceeds\' \'role-repeated\' \'role-value\' \'role-none\' \'role-stray\' \'role-unasked\' \'role-exceeds\' \'role-unanswered\' \'extended-repeated\' \'extended-stray\' \'extended-unasked\' \'common-extended\' \'common-extended-version\' \'identity-type\' \'identity-form\' \'identity-unasked\' \'identity-response\' \'identity-unanswered\' \'passcode-clear\' \'titles-changed\' \'result-absent\' \'result-unasked\' \'result-code\' \'result-syntax\' \'nothing-accepted\' \'reserved-bits\' \'pdv-length\' \'pdv-odd\' \'no-pdv\' \'context-unknown\' \'context-refused\' \'context-unnamed\' \'context-rejected\' \'data-without-command\' \'command-incomplete\' \'message-incomplete\' \'pdu-too-long\' \'pdu-huge\' \'interleaved\' \'context-changed\' \'data-unannounced\' \'data-absent\' \'message-unfinished\' \'pdu-mixed\' \'command-and-data\' \'pdvs-split\' \'pdus-small\' \'pdv-empty\' \'command-syntax\' \'command-order\' \'command-repeated\' \'command-length\' \'command-values\' \'command-element\' \'command-retired\' \'command-field\' \'data-set-type-absent\' \'command-lacks\' \'command-surplus\' \'priority\' \'command-uid\' \'move-destination\' \'data-set-forbidden\' \'data-set-due\' \'status-absent\' \'status-unknown\' \'status-fields\' \'comment-length\' \'requested-affected\' \'type-id\' \'message-id-used\' \'message-id-again\' \'window\' \'cancel-stray\' \'cancel-ignored\' \'response-kind\' \'response-unasked\' \'response-after-final\' \'pending-status\' \'response-context\' \'response-class\' \'response-instance\' \'response-type\' \'response-early\' \'operation-unanswered\' \'class-context\' \'role\' \'get-role\' \'move-same-association\' \'originator\' \'created-instance\' \'operation-failed\' \'counts\' \'counts-status\' \'counts-observed\' \'instance-again\' \'step-order\' \'commitment\' \'element-overrun\' \'element-cut\' \'element-odd\' \'element-undefined\' \'element-vr\' \'item-expected\' \'not-delimited\' \'stray-delimiter\' \'value-length\' \'other-syntax\' \'not-inflated\' \'preamble-sent\' \'group-forbidden\' \'element-order\' \'element-repeated\' \'pixel-form\' \'fragment-count\' \'value-form\' \'value-more\' \'value-padded\' \'charset-unknown\' \'object-class\' \'object-instance\' \'query-level\' \'query-keys\' \'retrieve-keys\' \'query-return\' \'worklist-return\' \'stream-gap\' \'overlap-differs\' \'comment\' \'fragment-gap\' \'late-start\' \'pdu-cut\' \'too-many\' \'too-many-elements\' \'too-many-pdvs\' \'too-deep\' \'value-cut\' \'context-unseen\' \'context-unanswered\'' -d 'print these rules whole, with reason and remedy; * stands for anything'
complete -c 'dissect' -n '_dissect_at \'fields\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'fields\' -ge 0' -x -d 'print only fields and elements whose name, tag or meaning holds this word'
complete -c 'dissect' -n '_dissect_at \'schema\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'schema\' -eq 0' -x -a '\'list\' \'show\' \'associations\' \'stats\' \'manifest\' \'check\' \'diff\'' -d 'one of list, show, associations, stats, manifest, check, diff'
complete -c 'dissect' -n '_dissect_at \'completion\'' -s 'h' -l 'help' -d 'show this help message and exit'
complete -c 'dissect' -n '_dissect_at \'completion\' -eq 0' -x -a '\'bash\' \'zsh\' \'fish\'' -d 'the shell'
