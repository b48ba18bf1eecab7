import ZLColumnar

/// The loops that scalar kernels are made of. The closures are inlined where a loop is used, once a concrete type.
enum Loops {
    /// One result value a row of one argument.
    @inline(__always)
    static func map<A, R: BitwiseCopyable>(
        _ a: ColumnVector, _ count: Int, _ type: DataType, _ body: (A) -> R
    ) -> ColumnVector {
        let flat = a.flattened()
        let source = flat.values(A.self)
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        let target = buffer.values(R.self)
        for row in 0..<count { target[row] = body(source[row]) }
        return withExtendedLifetime(flat) { ColumnVector(type: type, count: count, buffer: buffer) }
    }

    /// One result value a row of two arguments; a constant side is read once.
    @inline(__always)
    static func zip<A, B, R: BitwiseCopyable>(
        _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType, _ body: (A, B) -> R
    ) -> ColumnVector {
        let left = a.form == .constant ? a : a.flattened()
        let right = b.form == .constant ? b : b.flattened()
        let x = left.values(A.self)
        let y = right.values(B.self)
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        let target = buffer.values(R.self)
        if left.form == .constant {
            let value = x[0]
            if right.form == .constant {
                let result = body(value, y[0])
                for row in 0..<count { target[row] = result }
            } else {
                for row in 0..<count { target[row] = body(value, y[row]) }
            }
        } else if right.form == .constant {
            let value = y[0]
            for row in 0..<count { target[row] = body(x[row], value) }
        } else {
            for row in 0..<count { target[row] = body(x[row], y[row]) }
        }
        return withExtendedLifetime((left, right)) { ColumnVector(type: type, count: count, buffer: buffer) }
    }

    /// One argument, where a row may come out NULL.
    @inline(__always)
    static func mapOptional<A, R: BitwiseCopyable>(
        _ a: ColumnVector, _ count: Int, _ type: DataType, filler: R, _ body: (A) throws(ZLError) -> R?
    ) throws(ZLError) -> ColumnVector {
        let flat = a.flattened()
        let source = flat.values(A.self)
        let nulls = NullMask(flat)
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        let target = buffer.values(R.self)
        var validity: ValidityBitmap?
        for row in 0..<count {
            target[row] = filler
            if nulls.isNull(row) { continue }
            if let value = try body(source[row]) {
                target[row] = value
            } else {
                let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
                bitmap.setNull(row)
                validity = bitmap
            }
        }
        return withExtendedLifetime(flat) { ColumnVector(type: type, count: count, buffer: buffer, validity: validity) }
    }

    /// Two arguments, where a row may come out NULL or fail. Rows with a NULL argument are passed over.
    @inline(__always)
    static func zipOptional<A, B, R: BitwiseCopyable>(
        _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType, filler: R,
        _ body: (A, B) throws(ZLError) -> R?
    ) throws(ZLError) -> ColumnVector {
        let left = a.flattened()
        let right = b.flattened()
        let x = left.values(A.self)
        let y = right.values(B.self)
        let (leftNulls, rightNulls) = (NullMask(left), NullMask(right))
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        let target = buffer.values(R.self)
        var validity: ValidityBitmap?
        for row in 0..<count {
            target[row] = filler
            if leftNulls.isNull(row) || rightNulls.isNull(row) { continue }
            if let value = try body(x[row], y[row]) {
                target[row] = value
            } else {
                let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
                bitmap.setNull(row)
                validity = bitmap
            }
        }
        return withExtendedLifetime((left, right)) { ColumnVector(type: type, count: count, buffer: buffer, validity: validity) }
    }

    /// A text a row of one text argument.
    static func mapText(
        _ a: ColumnVector, _ count: Int, _ body: (UnsafeRawBufferPointer, ByteBuffer) -> Void
    ) -> ColumnVector {
        let flat = a.flattened()
        let views = flat.values(StringView.self)
        let builder = ColumnBuilder(type: .varchar, capacity: count)
        let scratch = ByteBuffer()
        for row in 0..<count {
            if flat.isNull(row) {
                builder.appendNull()
            } else {
                scratch.removeAll()
                body((views + row).bytes, scratch)
                builder.append(bytes: scratch.bytes)
            }
        }
        return withExtendedLifetime(flat) { builder.finish() }
    }

    /// Arguments of any types, each row as values: for functions that are not in anybody's inner loop. A row with a NULL
    /// argument is passed over.
    static func rows(
        _ arguments: [ColumnVector], _ count: Int, _ type: DataType, _ body: ([Value]) throws(ZLError) -> Value
    ) throws(ZLError) -> ColumnVector {
        let flats = arguments.map { $0.flattened() }
        let builder = ColumnBuilder(type: type, capacity: count)
        for row in 0..<count {
            if flats.contains(where: { $0.isNull(row) }) {
                builder.appendNull()
            } else {
                builder.append(value: try body(flats.map { $0.value(at: row) }))
            }
        }
        return builder.finish()
    }
}
