"""uvicorn as `./dev up` starts it, with a tenth of its patience: the arguments are uvicorn's."""

from uvicorn.main import main

from growmies_admin import policy

policy.HEADERS_WITHIN /= 10
policy.BODY_PATIENCE /= 10
policy.REFUSED_BODY_WITHIN /= 10
policy.ANSWER_UNREAD /= 10
policy.HEADERS_AT_ONCE = 20

if __name__ == "__main__":
    main()
