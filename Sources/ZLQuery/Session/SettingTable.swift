import ZLColumnar

/// One setting that SET and RESET know: the statement, `SHOW ALL` and `zl_settings()` read this table.
struct Setting: Sendable {
    let name: String
    let aliases: [String]
    /// What a value may be, in words.
    let range: String
    let summary: String
    let text: @Sendable (Settings) -> String
    /// Takes over a value; false: it is none.
    let set: @Sendable (inout Settings, SettingValue) -> Bool
}

/// The value of a SET statement.
struct SettingValue {
    /// A word or a text, in lower case.
    var text: String

    var boolean: Bool? {
        switch text {
        case "true", "on", "1", "t", "yes": true
        case "false", "off", "0", "f", "no": false
        default: nil
        }
    }
}

enum SettingTable {
    static let all: [Setting] = [
        Setting(
            name: "default_null_order", aliases: ["null_order"], range: "nulls_first or nulls_last",
            summary: "where ORDER BY puts NULL when the statement does not say",
            text: { $0.defaultNullOrder.rawValue },
            set: { settings, value in
                let short = ["first": DefaultNullOrder.first, "last": .last, "nulls first": .first, "nulls last": .last]
                guard let order = DefaultNullOrder(rawValue: value.text) ?? short[value.text] else { return false }
                settings.defaultNullOrder = order
                return true
            }),
        Setting(
            name: "default_order", aliases: [], range: "asc or desc",
            summary: "the direction of ORDER BY when the statement does not say",
            text: { $0.defaultOrder.rawValue.lowercased() },
            set: { settings, value in
                switch value.text {
                case "asc", "ascending": settings.defaultOrder = .ascending
                case "desc", "descending": settings.defaultOrder = .descending
                default: return false
                }
                return true
            }),
        Setting(
            name: "error_on_division_by_zero", aliases: [], range: "true or false",
            summary: "whether x / 0 is an error; otherwise it is NULL",
            text: { "\($0.errorOnDivisionByZero)" },
            set: { settings, value in
                guard let flag = value.boolean else { return false }
                settings.errorOnDivisionByZero = flag
                return true
            }),
        Setting(
            name: "integer_division", aliases: [], range: "true or false",
            summary: "whether / of whole numbers gives a whole number, cut towards zero",
            text: { "\($0.integerDivision)" },
            set: { settings, value in
                guard let flag = value.boolean else { return false }
                settings.integerDivision = flag
                return true
            }),
        Setting(
            name: "memory_limit", aliases: ["max_memory"], range: "a size such as 2GB, or none",
            summary: "bytes that the operators of a statement may hold together",
            text: { $0.memoryLimit.map(ByteSize.text) ?? "none" },
            set: { settings, value in
                if value.text == "none" || value.text == "-1" {
                    settings.memoryLimit = nil
                    return true
                }
                guard let size = ByteSize.parse(value.text) else { return false }
                settings.memoryLimit = size
                return true
            }),
        Setting(
            name: "threads", aliases: ["worker_threads"], range: "a whole number from 1 on",
            summary: "threads that one statement may keep busy",
            text: { "\($0.threads)" },
            set: { settings, value in
                guard let threads = Int(value.text), (1...1024).contains(threads) else { return false }
                settings.threads = threads
                return true
            }),
    ]

    static func setting(named name: Identifier) throws(ZLError) -> Setting {
        let wanted = name.text.lowercased()
        if let setting = all.first(where: { $0.name == wanted || $0.aliases.contains(wanted) }) { return setting }
        throw ZLError(
            .binding, "unknown_setting", "there is no setting \"\(name.text)\"",
            hint: NearestName.hint(wanted, among: all.map(\.name)), range: name.range)
    }
}

/// Sizes as people write them: `2GB` is 2 * 1000^3 bytes, `2GiB` is 2 * 1024^3.
enum ByteSize {
    private static let units: [(name: String, bytes: Double)] = [
        ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776),
        ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("bytes", 1), ("b", 1),
    ]

    static func parse(_ text: String) -> Int? {
        var number = Substring(text)
        var factor = 1.0
        if let unit = units.first(where: { text.hasSuffix($0.name) }) {
            number = number.dropLast(unit.name.count)
            factor = unit.bytes
        }
        while number.last == " " { number.removeLast() }
        guard let value = Double(number), value > 0, value * factor < 9e18 else { return nil }
        return Int(value * factor)
    }

    /// In the largest unit that divides it.
    static func text(_ bytes: Int) -> String {
        let larger = units.filter { $0.bytes > 1 }.sorted { $0.bytes > $1.bytes }
        for unit in larger where bytes >= Int(unit.bytes) && bytes % Int(unit.bytes) == 0 {
            let isBinary = unit.name.utf8.count == 3
            return "\(bytes / Int(unit.bytes))\(unit.name.prefix(1).uppercased())\(isBinary ? "iB" : "B")"
        }
        return "\(bytes) bytes"
    }
}
