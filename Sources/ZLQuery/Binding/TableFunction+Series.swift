import ZLColumnar

/// Rows that count: `range`, `generate_series`.
extension TableFunction {
    static let series: [TableFunction] = [
        TableFunction(
            "range", "Numbers or timestamps from a start up to, but without, a stop",
            example: "* FROM range(0, 10, 2)",
            bind: { (arguments, _, _) throws(ZLError) in
                try makeSeries("range", arguments, includesStop: false)
            }),
        TableFunction(
            "generate_series", "Numbers or timestamps from a start up to and with a stop",
            example: "* FROM generate_series(1, 3)",
            bind: { (arguments, _, _) throws(ZLError) in
                try makeSeries("generate_series", arguments, includesStop: true)
            }),
    ]

    private static func makeSeries(
        _ name: String, _ arguments: [Value], includesStop: Bool
    ) throws(ZLError) -> BoundTable {
        guard (1...3).contains(arguments.count) else {
            throw ZLError(.binding, "argument_count", "\(name) takes 1 to 3 arguments, found \(arguments.count)")
        }
        if arguments.contains(where: \.isNull) {
            return .series(name: name, type: .bigint, start: 0, count: 0, step: 1)
        }
        if case .ticks = arguments[0] { return try timeSeries(name, arguments, includesStop: includesStop) }
        var numbers: [Int64] = []
        for argument in arguments {
            guard case .integer(let number) = argument, let fitting = Int64(exactly: number) else {
                throw ZLError(.binding, "type_mismatch", "\(name) takes whole numbers, or two timestamps and an INTERVAL")
            }
            numbers.append(fitting)
        }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let stop = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count == 3 ? numbers[2] : 1
        let count = try count(name, from: start, to: stop, by: step, includesStop: includesStop)
        return .series(name: name, type: .bigint, start: start, count: count, step: step)
    }

    private static func count(
        _ name: String, from start: Int64, to stop: Int64, by step: Int64, includesStop: Bool
    ) throws(ZLError) -> Int {
        guard step != 0 else { throw ZLError(.binding, "bad_argument", "the step of \(name) cannot be 0") }
        let distance = step > 0 ? Int128(stop) - Int128(start) : Int128(start) - Int128(stop)
        let size = Int128(step.magnitude)
        if distance < 0 { return 0 }
        let count = includesStop ? distance / size + 1 : (distance + size - 1) / size
        guard let fitting = Int(exactly: count) else {
            throw ZLError(.binding, "bad_argument", "\(name) would give \(count) rows")
        }
        return fitting
    }

    /// Steps of days and less are equal in microseconds; months are not, and are refused.
    private static func timeSeries(
        _ name: String, _ arguments: [Value], includesStop: Bool
    ) throws(ZLError) -> BoundTable {
        guard arguments.count == 3, case .ticks(let start) = arguments[0], case .ticks(let stop) = arguments[1],
            case .interval(let interval) = arguments[2]
        else {
            throw ZLError(.binding, "type_mismatch", "\(name) over time takes two timestamps and an INTERVAL")
        }
        guard interval.months == 0 else { throw ZLError.notYet("\(name) with a step of months") }
        guard let step = Int64(exactly: interval.normalized) else {
            throw ZLError(.binding, "bad_argument", "the step of \(name) is too long")
        }
        let count = try count(name, from: start, to: stop, by: step, includesStop: includesStop)
        return .series(name: name, type: .timestamp, start: start, count: count, step: step)
    }
}
