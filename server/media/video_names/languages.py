"""Languages as people write them into names, as the three letters that Matroska keeps (ISO 639-2/B)."""

import re
from typing import Final

# ISO 639-1, ISO 639-2/B and, where it differs, ISO 639-2/T.
_CODES: Final = """
aa=aar ab=abk af=afr ak=aka am=amh an=arg ar=ara as=asm av=ava ay=aym az=aze ba=bak be=bel bg=bul bi=bis bm=bam bn=ben
bo=tib/bod br=bre bs=bos ca=cat ce=che ch=cha co=cos cr=cre cs=cze/ces cu=chu cv=chv cy=wel/cym da=dan de=ger/deu
dv=div dz=dzo ee=ewe el=gre/ell en=eng eo=epo es=spa et=est eu=baq/eus fa=per/fas ff=ful fi=fin fj=fij fo=fao
fr=fre/fra fy=fry ga=gle gd=gla gl=glg gn=grn gu=guj gv=glv ha=hau he=heb hi=hin ho=hmo hr=hrv ht=hat hu=hun
hy=arm/hye hz=her ia=ina id=ind ie=ile ig=ibo ii=iii ik=ipk io=ido is=ice/isl it=ita iu=iku ja=jpn jv=jav
ka=geo/kat kg=kon ki=kik kj=kua kk=kaz kl=kal km=khm kn=kan ko=kor kr=kau ks=kas ku=kur kv=kom kw=cor ky=kir la=lat
lb=ltz lg=lug li=lim ln=lin lo=lao lt=lit lu=lub lv=lav mg=mlg mh=mah mi=mao/mri mk=mac/mkd ml=mal mn=mon mr=mar
ms=may/msa mt=mlt my=bur/mya na=nau nb=nob nd=nde ne=nep ng=ndo nl=dut/nld nn=nno no=nor nr=nbl nv=nav ny=nya
oc=oci oj=oji om=orm or=ori os=oss pa=pan pi=pli pl=pol ps=pus pt=por qu=que rm=roh rn=run ro=rum/ron ru=rus rw=kin
sa=san sc=srd sd=snd se=sme sg=sag si=sin sk=slo/slk sl=slv sm=smo sn=sna so=som sq=alb/sqi sr=srp ss=ssw st=sot
su=sun sv=swe sw=swa ta=tam te=tel tg=tgk th=tha ti=tir tk=tuk tl=tgl tn=tsn to=ton tr=tur ts=tso tt=tat tw=twi
ty=tah ug=uig uk=ukr ur=urd uz=uzb ve=ven vi=vie vo=vol wa=wln wo=wol xh=xho yi=yid yo=yor za=zha zh=chi/zho zu=zul
"""
# What has three letters only, or is no code but in use: Brazilian Portuguese is "pob" to many a subtitle site.
_MORE: Final = "ast ceb chr cmn=chi dsb fil grc gsw haw hsb kab mis=und mul nds pob=por sco scn sgn syr tlh yue zxx "
_NAMES: Final = """
afrikaans=afr albanian=alb arabic=ara armenian=arm azerbaijani=aze basque=baq belarusian=bel bengali=ben bosnian=bos
brazilian=por bulgarian=bul burmese=bur cantonese=yue castellano=spa castilian=spa catalan=cat chinese=chi croatian=hrv
czech=cze danish=dan deutsch=ger dutch=dut english=eng español=spa espanol=spa esperanto=epo estonian=est farsi=per
filipino=fil finnish=fin flemish=dut français=fre francais=fre french=fre galician=glg georgian=geo german=ger greek=gre
gujarati=guj hebrew=heb hindi=hin hungarian=hun icelandic=ice indonesian=ind irish=gle italian=ita italiano=ita
japanese=jpn kannada=kan kazakh=kaz khmer=khm korean=kor kurdish=kur lao=lao latin=lat latvian=lav lithuanian=lit
luxembourgish=ltz macedonian=mac malay=may malayalam=mal maltese=mlt mandarin=chi marathi=mar mongolian=mon
nederlands=dut nepali=nep norwegian=nor persian=per polish=pol polski=pol portuguese=por português=por portugues=por
punjabi=pan romanian=rum russian=rus serbian=srp sinhala=sin slovak=slo slovenian=slv somali=som spanish=spa swahili=swa
swedish=swe svenska=swe tagalog=tgl tamil=tam telugu=tel thai=tha tibetan=tib turkish=tur türkçe=tur ukrainian=ukr
urdu=urd uzbek=uzb vietnamese=vie welsh=wel yiddish=yid zulu=zul русский=rus українська=ukr 日本語=jpn 中文=chi 한국어=kor
"""
_REGION = re.compile(r"([a-z]{2,3})[-_](?:[a-z]{2}|[0-9]{3}|[a-z]{4})", re.IGNORECASE)


def language(text: str) -> str | None:
    """Return the language that a word names by code, with or without a region ("pt-BR"), or by its name."""
    word = text.casefold()
    if found := _REGION.fullmatch(word):
        word = found[1]
    return _BY_WORD.get(word)


def _by_word() -> dict[str, str]:
    words: dict[str, str] = {}
    for pair in _CODES.split():
        two, _, three = pair.partition("=")
        bibliographic, _, terminological = three.partition("/")
        for code in filter(None, (two, bibliographic, terminological)):
            words[code] = bibliographic
    for pair in (_MORE + _NAMES).split():
        word, _, code = pair.partition("=")
        words[word] = code or word
    return words


_BY_WORD: Final = _by_word()
