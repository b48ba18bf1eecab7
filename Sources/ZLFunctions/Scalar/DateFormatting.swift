import ZLColumnar

/// strftime and strptime: dates and times by a pattern of % letters.
enum DateFormatting {
    static let functions: [ScalarFunction] = [
        ScalarFunction(
            FunctionDescription(
                "strftime", .scalar, "A date or time written by a pattern: %Y %y %m %d %H %I %M %S %f %p %j %a %A %b %B %u %w %V %G %%.",
                nullRule: .propagates, example: "strftime(DATE '2024-03-15', '%d.%m.%Y')"),
            [DataType.date, .timestamp, .timestampNS].map { type in
                ScalarOverload("strftime", [type, .varchar], .varchar) { (arguments, count, _) throws(ZLError) in
                    try Loops.rows(arguments, count, .varchar) { (values) throws(ZLError) in
                        guard case .string(let pattern) = values[1] else { return .null }
                        return .string(try written(DateFunctions.Moment(values[0], type), pattern))
                    }
                }
            }),
        TextFunctions.values(
            "strptime", "A TIMESTAMP read by a pattern: %Y %y %m %d %H %M %S %f %j %b %B %%.", "strptime('15.03.2024', '%d.%m.%Y')",
            [[.varchar, .varchar]], .timestamp
        ) { (values) throws(ZLError) in
            guard case .string(let text) = values[0], case .string(let pattern) = values[1] else { return .null }
            var reader = Reader(text: text, rest: Array(text.unicodeScalars)[...])
            return .ticks(try reader.timestamp(pattern))
        },
    ]

    private static func unknown(_ letter: Unicode.Scalar) -> ZLError {
        ZLError(.binding, "date_pattern", "%\(letter) is no part of a date pattern")
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = "\(number.magnitude)"
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func written(_ moment: DateFunctions.Moment, _ pattern: String) throws(ZLError) -> String {
        var result = ""
        let date = moment.date
        let seconds = Int(moment.nanoseconds / 1_000_000_000)
        let hour = seconds / 3600
        var letters = pattern.unicodeScalars.makeIterator()
        while let scalar = letters.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            guard let letter = letters.next() else { throw ZLError(.binding, "date_pattern", "the pattern ends in a single %") }
            switch letter {
            case "Y": result += padded(date.year, 4)
            case "y": result += padded((date.year % 100 + 100) % 100, 2)
            case "m": result += padded(date.month, 2)
            case "d": result += padded(date.day, 2)
            case "H": result += padded(hour, 2)
            case "I": result += padded((hour + 11) % 12 + 1, 2)
            case "M": result += padded(seconds / 60 % 60, 2)
            case "S": result += padded(seconds % 60, 2)
            case "f": result += padded(Int(moment.nanoseconds % 1_000_000_000 / 1000), 6)
            case "n": result += padded(Int(moment.nanoseconds % 1_000_000_000), 9)
            case "g": result += padded(Int(moment.nanoseconds % 1_000_000_000 / 1_000_000), 3)
            case "p": result += hour < 12 ? "AM" : "PM"
            case "j": result += padded(moment.dayOfYear, 3)
            case "a": result += String(DateFunctions.weekdays[moment.isoWeekday - 1].prefix(3))
            case "A": result += DateFunctions.weekdays[moment.isoWeekday - 1]
            case "b": result += String(DateFunctions.months[date.month - 1].prefix(3))
            case "B": result += DateFunctions.months[date.month - 1]
            case "u": result += "\(moment.isoWeekday)"
            case "w": result += "\(moment.isoWeekday % 7)"
            case "V": result += padded(moment.isoWeek.week, 2)
            case "G": result += padded(moment.isoWeek.year, 4)
            case "%": result += "%"
            default: throw unknown(letter)
            }
        }
        return result
    }

    /// Reads a text along a pattern.
    private struct Reader {
        let text: String
        var rest: ArraySlice<Unicode.Scalar>

        mutating func timestamp(_ pattern: String) throws(ZLError) -> Int64 {
            var date = CivilDate(year: 1900, month: 1, day: 1)
            var dayOfYear: Int?
            var (hour, minute, second, microsecond) = (0, 0, 0, 0)
            var letters = pattern.unicodeScalars.makeIterator()
            while let scalar = letters.next() {
                guard scalar == "%" else {
                    guard rest.popFirst() == scalar else { throw failure(pattern) }
                    continue
                }
                guard let letter = letters.next() else { throw ZLError(.binding, "date_pattern", "the pattern ends in a single %") }
                switch letter {
                case "Y": date.year = try number(4, pattern)
                case "y":
                    let year = try number(2, pattern)
                    date.year = year < 69 ? 2000 + year : 1900 + year
                case "m": date.month = try number(2, pattern)
                case "d": date.day = try number(2, pattern)
                case "j": dayOfYear = try number(3, pattern)
                case "H": hour = try number(2, pattern)
                case "M": minute = try number(2, pattern)
                case "S": second = try number(2, pattern)
                case "f":
                    let before = rest.count
                    microsecond = try number(6, pattern)
                    for _ in 0..<max(0, 6 - (before - rest.count)) { microsecond *= 10 }
                case "b": date.month = try month(pattern) { String($0.prefix(3)) }
                case "B": date.month = try month(pattern) { $0 }
                case "%": guard rest.popFirst() == "%" else { throw failure(pattern) }
                default: throw DateFormatting.unknown(letter)
                }
            }
            if let dayOfYear { date = CivilDate(daysSinceEpoch: CivilDate(year: date.year, month: 1, day: 1).daysSinceEpoch + dayOfYear - 1) }
            guard rest.isEmpty, date.isValid, hour < 24, minute < 60, second < 60 else { throw failure(pattern) }
            return Int64(date.daysSinceEpoch) * Cast.microsecondsPerDay + Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(microsecond)
        }

        private mutating func number(_ most: Int, _ pattern: String) throws(ZLError) -> Int {
            var value = 0
            var digits = 0
            while digits < most, let first = rest.first, ("0"..."9").contains(first) {
                value = value * 10 + Int(first.value) - 48
                digits += 1
                rest = rest.dropFirst()
            }
            if digits == 0 { throw failure(pattern) }
            return value
        }

        private mutating func month(_ pattern: String, _ written: (String) -> String) throws(ZLError) -> Int {
            let left = String(String.UnicodeScalarView(rest)).lowercased()
            for (index, name) in DateFunctions.months.enumerated() where left.hasPrefix(written(name).lowercased()) {
                rest = rest.dropFirst(written(name).unicodeScalars.count)
                return index + 1
            }
            throw failure(pattern)
        }

        private func failure(_ pattern: String) -> ZLError {
            ZLError(.conversion, "date_pattern", "\"\(text)\" does not fit the pattern \"\(pattern)\"")
        }
    }
}
