import ZLColumnar

/// = != < <= > >= over any one type. NaN equals itself and is greater than every number; texts compare by their bytes.
enum Comparisons {
    enum Operation: String, CaseIterable {
        case equal = "=", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    }

    static let functions: [ScalarFunction] = Operation.allCases.map { operation in
        let name = operation.rawValue
        return ScalarFunction(
            FunctionDescription(
                name, .scalar, aliases: operation == .notEqual ? ["<>"] : operation == .equal ? ["=="] : [],
                "Compares two values of one type.", nullRule: .propagates, example: "1 \(name) 2"),
            [
                ScalarOverload(
                    "\(name)(T, T) -> BOOLEAN", resolve: Signatures.uniform(count: 2, result: .boolean) { _ in true },
                    kernel: { (arguments, count, signature) throws(ZLError) in
                        compare(operation, arguments[0], arguments[1], count)
                    })
            ])
    }

    private static func compare(_ operation: Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int) -> ColumnVector {
        switch a.physical {
        case .bool, .uint8: integers(operation, UInt8.self, a, b, count)
        case .int8: integers(operation, Int8.self, a, b, count)
        case .int16: integers(operation, Int16.self, a, b, count)
        case .int32: integers(operation, Int32.self, a, b, count)
        case .int64: integers(operation, Int64.self, a, b, count)
        case .int128: integers(operation, Int128.self, a, b, count)
        case .uint16: integers(operation, UInt16.self, a, b, count)
        case .uint32: integers(operation, UInt32.self, a, b, count)
        case .uint64: integers(operation, UInt64.self, a, b, count)
        case .float32: floating(operation, Float.self, a, b, count)
        case .float64: floating(operation, Double.self, a, b, count)
        case .interval: integers(operation, Interval.self, a, b, count)
        case .string: texts(operation, a, b, count)
        }
    }

    private static func integers<T: Comparable>(
        _ operation: Operation, _ element: T.Type, _ a: ColumnVector, _ b: ColumnVector, _ count: Int
    ) -> ColumnVector {
        switch operation {
        case .equal: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in UInt8(x == y ? 1 : 0) }
        case .notEqual: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in UInt8(x != y ? 1 : 0) }
        case .less: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in UInt8(x < y ? 1 : 0) }
        case .lessOrEqual: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in UInt8(x <= y ? 1 : 0) }
        case .greater: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in UInt8(x > y ? 1 : 0) }
        case .greaterOrEqual: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in UInt8(x >= y ? 1 : 0) }
        }
    }

    private static func floating<T: BinaryFloatingPoint>(
        _ operation: Operation, _ element: T.Type, _ a: ColumnVector, _ b: ColumnVector, _ count: Int
    ) -> ColumnVector {
        // why: bits in place of || and && leave no branch, so that the loops are vectorised
        switch operation {
        case .equal: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in bit(x == y) | bit(x != x) & bit(y != y) }
        case .notEqual: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in (bit(x == y) | bit(x != x) & bit(y != y)) ^ 1 }
        case .less: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in bit(x < y) | bit(y != y) & bit(x == x) }
        case .lessOrEqual: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in bit(x <= y) | bit(y != y) }
        case .greater: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in bit(x > y) | bit(x != x) & bit(y == y) }
        case .greaterOrEqual: Loops.zip(a, b, count, .boolean) { (x: T, y: T) in bit(x >= y) | bit(x != x) }
        }
    }

    @inline(__always)
    private static func bit(_ condition: Bool) -> UInt8 { condition ? 1 : 0 }

    private static func texts(_ operation: Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int) -> ColumnVector {
        if a.form == .dictionary, b.form == .constant, let dictionary = a.dictionary, dictionary.count <= count {
            return byEntry(a) { texts(operation, dictionary, b.resized(to: dictionary.count), dictionary.count) }
        }
        if b.form == .dictionary, a.form == .constant, let dictionary = b.dictionary, dictionary.count <= count {
            return byEntry(b) { texts(operation, a.resized(to: dictionary.count), dictionary, dictionary.count) }
        }
        if operation == .equal || operation == .notEqual {
            let hit: UInt8 = operation == .equal ? 1 : 0
            return Loops.zip(a, b, count, .boolean) { (x: StringView, y: StringView) in x == y ? hit : 1 - hit }
        }
        let left = a.flattened()
        let right = b.flattened()
        let x = left.values(StringView.self)
        let y = right.values(StringView.self)
        let buffer = Buffer(byteCount: max(16, count))
        let target = buffer.values(UInt8.self)
        for row in 0..<count {
            let order = StringView.compare(x + row, y + row)
            let holds = switch operation {
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .greater: order > 0
            default: order >= 0
            }
            target[row] = holds ? 1 : 0
        }
        return withExtendedLifetime((left, right)) { ColumnVector(type: .boolean, count: count, buffer: buffer) }
    }

    /// The outcome of each row from those of its dictionary's entries.
    private static func byEntry(_ column: ColumnVector, _ compare: () -> ColumnVector) -> ColumnVector {
        let outcomes = compare().flattened()
        let flags = outcomes.values(UInt8.self)
        let codes = column.codes
        let buffer = Buffer(byteCount: max(16, column.count))
        let target = buffer.values(UInt8.self)
        if outcomes.count > 0 {
            for row in 0..<column.count { target[row] = flags[Int(codes[row])] }
        } else {
            target.update(repeating: 0, count: column.count)
        }
        return withExtendedLifetime(outcomes) { ColumnVector(type: .boolean, count: column.count, buffer: buffer) }
    }
}
