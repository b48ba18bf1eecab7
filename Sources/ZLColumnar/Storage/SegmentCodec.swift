import Glibc

/// The bytes of a raw segment: a byte for the encoding, a byte that tells whether a validity bitmap follows, six zero bytes, the
/// row count in 64 bits; then the bitmap's words; then the values as they lie in memory, or for strings the lengths in 32 bits and
/// the bytes one after the other.
enum SegmentCodec {
    private static let rawEncoding: UInt8 = 0
    private static let headerLength = 16

    static func encode(_ vector: ColumnVector) -> Buffer {
        let flat = vector.flattened()
        let count = flat.count
        let bitmapLength = flat.validity == nil ? 0 : (count + 63) / 64 * 8
        let bodyLength: Int
        if flat.physical == .string {
            let views = flat.values(StringView.self)
            bodyLength = (0..<count).reduce(4 * count) { $0 + views[$1].count }
        } else {
            bodyLength = count * flat.physical.stride
        }
        let buffer = Buffer(byteCount: headerLength + bitmapLength + bodyLength)
        let target = buffer.address
        memset(target, 0, headerLength)
        target.storeBytes(of: rawEncoding, as: UInt8.self)
        target.storeBytes(of: flat.validity == nil ? 0 : 1, toByteOffset: 1, as: UInt8.self)
        target.storeBytes(of: UInt64(count), toByteOffset: 8, as: UInt64.self)
        if let validity = flat.validity {
            memcpy(target + headerLength, validity.words, bitmapLength)
            // why: the bits behind the last row are undefined in memory, and a file must not depend on them
            if count & 63 != 0 {
                let last = (target + headerLength).assumingMemoryBound(to: UInt64.self) + (count >> 6)
                last.pointee &= (1 << UInt64(count & 63)) - 1
            }
        }
        let body = target + headerLength + bitmapLength
        if flat.physical == .string {
            let views = flat.values(StringView.self)
            var place = body + 4 * count
            for row in 0..<count {
                let bytes = (views + row).bytes
                body.storeBytes(of: UInt32(bytes.count), toByteOffset: 4 * row, as: UInt32.self)
                if let source = bytes.baseAddress, bytes.count > 0 { memcpy(place, source, bytes.count) }
                place += bytes.count
            }
        } else if count > 0 {
            memcpy(body, flat.values(UInt8.self), count * flat.physical.stride)
        }
        return withExtendedLifetime(flat) { buffer }
    }

    static func decode(_ buffer: Buffer, type: DataType, rowCount: Int, _ name: String) throws(ZLError) -> ColumnVector {
        let source = buffer.address
        let length = buffer.byteCount
        guard length >= headerLength, source.load(as: UInt8.self) == rawEncoding,
            source.load(fromByteOffset: 8, as: UInt64.self) == UInt64(rowCount)
        else { throw damaged(name) }
        var validity: ValidityBitmap?
        var offset = headerLength
        if source.load(fromByteOffset: 1, as: UInt8.self) == 1 {
            let bitmap = ValidityBitmap(count: rowCount, allValid: true)
            guard length - offset >= bitmap.wordCount * 8 else { throw damaged(name) }
            memcpy(bitmap.words, source + offset, bitmap.wordCount * 8)
            offset += bitmap.wordCount * 8
            validity = bitmap
        }
        if type.physical == .string { return try strings(buffer, at: offset, type: type, rowCount: rowCount, validity, name) }
        guard length - offset == rowCount * type.physical.stride else { throw damaged(name) }
        let values = Buffer(byteCount: max(16, rowCount * type.physical.stride))
        memcpy(values.address, source + offset, length - offset)
        return ColumnVector(type: type, count: rowCount, buffer: values, validity: validity)
    }

    private static func strings(
        _ buffer: Buffer, at offset: Int, type: DataType, rowCount: Int, _ validity: ValidityBitmap?, _ name: String
    ) throws(ZLError) -> ColumnVector {
        guard buffer.byteCount - offset >= 4 * rowCount else { throw damaged(name) }
        var place = offset + 4 * rowCount
        let values = Buffer(byteCount: max(16, rowCount * 16))
        let views = values.values(StringView.self)
        let heap = StringHeap()
        for row in 0..<rowCount {
            let count = Int(buffer.address.loadUnaligned(fromByteOffset: offset + 4 * row, as: UInt32.self))
            guard buffer.byteCount - place >= count else { throw damaged(name) }
            views[row] = heap.view(copying: UnsafeRawBufferPointer(start: buffer.address + place, count: count))
            place += count
        }
        return ColumnVector(type: type, count: rowCount, buffer: values, validity: validity, heaps: [heap])
    }

    private static func damaged(_ name: String) -> ZLError {
        ZLError(.corruption, "damaged_segment", "\(name) is damaged: its bytes are not those of a segment")
    }
}
