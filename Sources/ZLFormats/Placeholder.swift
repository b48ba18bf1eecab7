import ZLColumnar
