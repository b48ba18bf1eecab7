import ZLColumnar
import ZLFunctions

/// Three-valued logic over BOOLEAN vectors, and the tests that look at NULLs.
enum Logic {
    /// AND with `decisive` 0, OR with `decisive` 1: the decisive value wins over NULL, NULL over the other value.
    ///
    /// Operands after the first are evaluated only for the rows that are still open, so a guard protects what follows it.
    static func combine(
        _ operands: [PhysicalExpression], _ chunk: DataChunk, decisive: UInt8
    ) throws(ZLError) -> ColumnVector {
        let count = chunk.rowCount
        let buffer = Buffer(byteCount: max(16, count))
        let values = buffer.values(UInt8.self)
        values.update(repeating: 1 - decisive, count: count)
        let validity = ValidityBitmap(count: count, allValid: true)
        var open = Selection(all: count)
        var hasNull = false
        for operand in operands where open.count > 0 {
            let isWhole = open.count == count
            let part = try operand.evaluate(isWhole ? chunk : chunk.gather(open.rows, count: open.count)).flattened()
            let flags = part.values(UInt8.self)
            let next = Selection(capacity: open.count)
            for index in 0..<open.count {
                let row = Int(open.rows[index])
                if part.isNull(index) {
                    validity.setNull(row)
                    hasNull = true
                    next.append(UInt32(row))
                } else if flags[index] == decisive {
                    values[row] = decisive
                    validity.setValid(row)
                } else {
                    next.append(UInt32(row))
                }
            }
            open = next
        }
        return ColumnVector(type: .boolean, count: count, buffer: buffer, validity: hasNull ? validity : nil)
    }

    static func negate(_ vector: ColumnVector) -> ColumnVector {
        let flat = vector.flattened()
        let buffer = Buffer(byteCount: max(16, flat.count))
        let source = flat.values(UInt8.self)
        let target = buffer.values(UInt8.self)
        for row in 0..<flat.count { target[row] = source[row] ^ 1 }
        return ColumnVector(type: .boolean, count: flat.count, buffer: buffer, validity: flat.validity)
    }

    static func isNull(_ vector: ColumnVector) -> ColumnVector {
        guard vector.mayHaveNulls else { return .constant(.boolean(false), type: .boolean, count: vector.count) }
        if vector.form == .constant { return .constant(.boolean(vector.isNull(0)), type: .boolean, count: vector.count) }
        let buffer = Buffer(byteCount: max(16, vector.count))
        let target = buffer.values(UInt8.self)
        for row in 0..<vector.count { target[row] = vector.isNull(row) ? 1 : 0 }
        return ColumnVector(type: .boolean, count: vector.count, buffer: buffer)
    }

    /// IS [NOT] DISTINCT FROM: NULL equals NULL, NaN equals NaN, -0 equals 0.
    static func distinct(_ left: ColumnVector, _ right: ColumnVector, isNegated: Bool) -> ColumnVector {
        let count = left.count
        let encoder = KeyEncoder(types: [left.type])
        let a = encoder.encode([left], count: count, inserting: true)
        let b = encoder.encode([right], count: count, inserting: true)
        let buffer = Buffer(byteCount: max(16, count))
        let target = buffer.values(UInt8.self)
        for row in 0..<count {
            target[row] = a.equals(row, b, row) == isNegated ? 1 : 0
        }
        return ColumnVector(type: .boolean, count: count, buffer: buffer)
    }

    /// TRUE if equal to a candidate; else NULL if the operand or a candidate is NULL; else FALSE.
    static func isIn(
        _ operand: ColumnVector, _ candidates: [PhysicalExpression], _ equals: ScalarKernel, _ signature: ResolvedSignature,
        _ chunk: DataChunk
    ) throws(ZLError) -> ColumnVector {
        let count = chunk.rowCount
        let buffer = Buffer(byteCount: max(16, count))
        let target = buffer.values(UInt8.self)
        target.update(repeating: 0, count: count)
        let validity = ValidityBitmap(count: count, allValid: true)
        var hasNull = false
        for candidate in candidates {
            let vector = try candidate.evaluate(chunk)
            let outcome = try equals([operand, vector], count, signature).flattened()
            let flags = outcome.values(UInt8.self)
            for row in 0..<count where target[row] == 0 {
                if operand.isNull(row) || vector.isNull(row) {
                    validity.setNull(row)
                    hasNull = true
                } else if flags[row] == 1 {
                    target[row] = 1
                    validity.setValid(row)
                }
            }
        }
        return ColumnVector(type: .boolean, count: count, buffer: buffer, validity: hasNull ? validity : nil)
    }
}

/// Ascending row numbers of a chunk.
final class Selection {
    let rows: UnsafeMutablePointer<UInt32>
    private(set) var count: Int
    private let buffer: Buffer

    init(capacity: Int) {
        buffer = Buffer(byteCount: max(16, capacity * 4))
        rows = buffer.values(UInt32.self)
        count = 0
    }

    /// - Parameter fill: writes row numbers and returns how many; there is room for `capacity` and 64 more.
    convenience init(capacity: Int, _ fill: (UnsafeMutablePointer<UInt32>) -> Int) {
        self.init(capacity: capacity + 64)
        count = fill(rows)
    }

    convenience init(all count: Int) {
        self.init(capacity: count)
        for row in 0..<count { rows[row] = UInt32(row) }
        self.count = count
    }

    /// Rows where a BOOLEAN vector is true.
    convenience init(whereTrue vector: ColumnVector) {
        self.init(capacity: vector.count)
        if vector.form == .constant {
            guard vector.count > 0, !vector.isNull(0), vector.values(UInt8.self)[0] == 1 else { return }
            for row in 0..<vector.count { rows[row] = UInt32(row) }
            count = vector.count
            return
        }
        let flat = vector.flattened()
        let flags = flat.values(UInt8.self)
        var kept = 0
        if let validity = flat.validity {
            for row in 0..<flat.count {
                rows[kept] = UInt32(truncatingIfNeeded: row)
                kept += validity.isValid(row) ? Int(flags[row]) : 0
            }
        } else if Selection.areOnes(flags, flat.count) {
            // why: here no row waits for the one before
            for row in 0..<flat.count { rows[row] = UInt32(truncatingIfNeeded: row) }
            kept = flat.count
        } else {
            for row in 0..<flat.count {
                rows[kept] = UInt32(truncatingIfNeeded: row)
                kept += Int(flags[row])
            }
        }
        count = kept
    }

    private static func areOnes(_ flags: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var all: UInt8 = 1
        for row in 0..<count { all &= flags[row] }
        return all == 1
    }

    /// Appends the rows below `end` for which `condition` holds; without branches, so that it costs the same for any mix.
    @inline(__always)
    func fill(_ end: Int, where condition: (Int) -> Bool) {
        var kept = count
        for row in 0..<end {
            rows[kept] = UInt32(truncatingIfNeeded: row)
            kept += condition(row) ? 1 : 0
        }
        count = kept
    }

    @inline(__always)
    func append(_ row: UInt32) {
        rows[count] = row
        count += 1
    }
}
