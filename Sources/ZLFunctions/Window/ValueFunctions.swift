import ZLColumnar

/// Values of other rows: of a row so many before or after, of the first, last or n-th row of the frame.
enum ValueFunctions {
    static let functions: [WindowFunction] = [
        shift("lag", "Value of the row n rows before; the default, or NULL, outside the partition.", sign: -1),
        shift("lead", "Value of the row n rows after; the default, or NULL, outside the partition.", sign: 1),
        framed("first_value", aliases: [], "Value of the frame's first row.", .first),
        framed("last_value", aliases: [], "Value of the frame's last row.", .last),
        WindowFunction(
            FunctionDescription("nth_value", .window, "Value of the frame's n-th row.", nullRule: .own, example: "nth_value(x, 2) OVER (ORDER BY x) FROM range(3) AS t(x)"),
            frameUse: .frame,
            [
                WindowOverload("nth_value(T, BIGINT) -> T", resolve: { resolve($0, [.bigint], least: 2) }) { (_, _, _) throws(ZLError) in FrameValue(place: .nth) }
            ]),
    ]

    /// Any type first, then the given ones.
    private static func resolve(_ types: [DataType], _ rest: [DataType], least: Int) -> ResolvedSignature? {
        guard let first = types.first, types.count >= least, types.count <= rest.count + 1 else { return nil }
        var cost = 0
        for (type, parameter) in zip(types.dropFirst(), rest) {
            guard let step = Cast.implicitCost(from: type, to: parameter) else { return nil }
            cost += step
        }
        return ResolvedSignature(arguments: [first] + rest.prefix(types.count - 1), result: first, cost: cost)
    }

    private static func shift(_ name: String, _ summary: String, sign: Int) -> WindowFunction {
        WindowFunction(
            FunctionDescription(name, .window, summary, nullRule: .own, example: "\(name)(x, 1) OVER (ORDER BY x) FROM range(3) AS t(x)"),
            frameUse: .partition,
            [
                WindowOverload(
                    "\(name)(T [, BIGINT [, T]]) -> T",
                    resolve: { types in
                        guard types.count <= 2 || types.count == 3, let first = types.first else { return nil }
                        guard types.count < 3 else {
                            guard let common = Cast.commonType(first, types[2]),
                                let cost = Cast.implicitCost(from: types[1], to: .bigint)
                            else { return nil }
                            return ResolvedSignature(arguments: [common, .bigint, common], result: common, cost: cost)
                        }
                        return resolve(types, [.bigint], least: 1)
                    }
                ) { (_, constants, _) throws(ZLError) in Shift(sign: sign, offset: constants.count > 1 ? constants[1] : .integer(1)) }
            ])
    }

    private enum Place: Sendable { case first, last, nth }

    private static func framed(_ name: String, aliases: [String], _ summary: String, _ place: Place) -> WindowFunction {
        WindowFunction(
            FunctionDescription(name, .window, aliases: aliases, summary, nullRule: .own, example: "\(name)(x) OVER (ORDER BY x) FROM range(3) AS t(x)"),
            frameUse: .frame,
            [WindowOverload("\(name)(T) -> T", resolve: { resolve($0, [], least: 1) }) { (_, _, _) throws(ZLError) in FrameValue(place: place) }])
    }

    /// lag and lead. A NULL offset gives NULL; IGNORE NULLS counts rows with a value only, offset 0 is the row itself.
    private struct Shift: WindowEvaluator {
        private let sign: Int
        /// Where it is constant: rows ahead, negative behind.
        private let shift: Int?

        /// - Parameter offset: nil where it is a column.
        init(sign: Int, offset: Value?) {
            self.sign = sign
            if case .integer(let number)? = offset {
                shift = sign * Shift.clamped(Int64(clamping: number))
            } else {
                shift = nil
            }
        }

        private static func clamped(_ offset: Int64) -> Int { Int(max(-(1 << 40), min(1 << 40, offset))) }

        func reach(_ use: WindowUse) -> WindowReach? {
            guard let shift, !use.ignoresNulls else { return nil }
            return WindowReach(before: max(0, -shift), after: max(0, shift))
        }

        func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
            let values = partition.arguments[0]
            let defaults = partition.arguments.count > 2 ? partition.arguments[2] : nil
            if let shift, !partition.ignoresNulls {
                let low = partition.rows.lowerBound - shift
                let inside = partition.targets.clamped(to: low..<(low + partition.rows.count))
                output.copy(values, from: inside.lowerBound + shift, to: inside)
                guard let defaults else { return }
                for row in partition.targets where !inside.contains(row) && !defaults.isNull(row) {
                    output.copy(defaults, from: row, to: row)
                }
                return
            }
            let offsets = partition.arguments.count > 1 ? partition.arguments[1] : nil
            for row in partition.targets {
                var offset = 1
                if let offsets {
                    if offsets.isNull(row) { continue }
                    offset = Shift.clamped(offsets.values(Int64.self)[row])
                }
                let target = partition.ignoresNulls && offset != 0
                    ? skipping(values, row, offset * sign, partition.rows) : row + offset * sign
                if let target, partition.rows.contains(target) {
                    if !values.isNull(target) { output.copy(values, from: target, to: row) }
                } else if let defaults, !defaults.isNull(row) {
                    output.copy(defaults, from: row, to: row)
                }
            }
        }

        private func skipping(_ values: ColumnVector, _ row: Int, _ offset: Int, _ rows: Range<Int>) -> Int? {
            var left = abs(offset)
            var place = row
            while left > 0 {
                place += offset > 0 ? 1 : -1
                guard rows.contains(place) else { return nil }
                if !values.isNull(place) { left -= 1 }
            }
            return place
        }
    }

    private struct FrameValue: WindowEvaluator {
        let place: Place

        func reach(_ use: WindowUse) -> WindowReach? { use.frameReach }

        func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
            let values = partition.arguments[0]
            for row in partition.targets {
                var wanted = 1
                if place == .nth {
                    if partition.arguments[1].isNull(row) { continue }
                    let number = partition.arguments[1].values(Int64.self)[row]
                    guard number > 0 else { continue }
                    wanted = Int(min(number, 1 << 40))
                }
                if let found = find(partition, values, row, wanted), !values.isNull(found) {
                    output.copy(values, from: found, to: row)
                }
            }
        }

        private func find(_ partition: WindowPartition, _ values: ColumnVector, _ row: Int, _ wanted: Int) -> Int? {
            let range = partition.frameRange(row)
            func counts(_ other: Int) -> Bool {
                !partition.excludes(other, from: row) && !(partition.ignoresNulls && values.isNull(other))
            }
            if place == .last { return range.last(where: counts) }
            if partition.exclusion == .noOthers, !partition.ignoresNulls {
                return wanted <= range.count ? range.lowerBound + wanted - 1 : nil
            }
            var seen = 0
            return range.first { other in
                if counts(other) { seen += 1 }
                return seen == wanted
            }
        }
    }
}
